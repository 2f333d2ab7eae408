export { createNeuMf, neuMfModel } from './neumf.ts';
