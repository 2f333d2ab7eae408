/** Text encoders, behind the subpath `@tributary/model/encoder`: formats, tokenisation, networks, adapters. */
export {};
