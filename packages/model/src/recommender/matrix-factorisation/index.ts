export { createMatrixFactorisation } from './matrix-factorisation.ts';
