export * from './encode.ts';
export { rotateInPlace, rotationSignBits, rotationSigns, unrotateInPlace, windowSize } from './rotation.ts';
export { leastBits, type SumOptions, scaleFor } from './scale.ts';
export { EncodingError, type SectionEncoding } from './section.ts';
export { roundedSensitivity } from './sensitivity.ts';
