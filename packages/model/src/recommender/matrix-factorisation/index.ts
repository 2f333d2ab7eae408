export { createMatrixFactorisation, matrixFactorisationModel } from './matrix-factorisation.ts';
