/** Encoders from folders, behind the subpath `@tributary/model/encoder/node`. */
export { fileEncodings } from './folder/encodings-file.ts';
export { openEncoder } from './folder/open-encoder.ts';
export { openEncoderFolder, readEncoderTexts } from './folder/open-folder.ts';
