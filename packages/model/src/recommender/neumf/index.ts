export { createNeuMf } from './neumf.ts';
