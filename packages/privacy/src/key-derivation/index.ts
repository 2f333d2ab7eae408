export { hkdf } from './hkdf.ts';
