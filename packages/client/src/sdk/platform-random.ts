import { RandomnessError, type SecureRandom, systemRandom } from '@tributary/privacy';
import { TributaryError } from '../errors/tributary-error.ts';

/** The platform's randomness. @throws TributaryError 'invalid-option' where it has none */
export function platformRandom(): SecureRandom {
  try {
    systemRandom.bytes(1);
    return systemRandom;
  } catch (error) {
    if (!(error instanceof RandomnessError)) throw error;
    throw new TributaryError('invalid-option', `${error.message} Or pass the option \`random\`.`, { cause: error });
  }
}
