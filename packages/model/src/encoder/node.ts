/** Encoders from folders, behind the subpath `@tributary/model/encoder/node`. */
export { openEncoderFolder } from './folder/open-folder.ts';
