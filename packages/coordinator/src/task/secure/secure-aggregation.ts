/**
 * Plan `secure`: contributions arrive masked and are added as they are; the coordinator takes the masks off their sum alone, once
 * the release is charged for.
 */
import { createSecureServer, type Identity, maskedVectorLength } from '@tributary/privacy';
import type { RoundDescriptor, TaskDocument } from '@tributary/protocol';
import type { RoundEngines, RoundModularSum } from '../../aggregation/engines/round-engines.ts';
import type { PopulationLog } from '../../identities/population-log.ts';
import type { OpenedSum } from '../../round/read-secure-sum.ts';
import { encodingsOf, securePlanOf, secureRoundOf } from '../../round/secure-plan.ts';
import type { Aggregations } from '../aggregation.ts';
import type { UploadsOptions } from '../uploads.ts';
import { createMaskedUploads } from './masked-uploads.ts';
import { openSum } from './open-sum.ts';
import { createSecureRoundShell } from './secure-round-shell.ts';

/** @throws SecurePlanError when the task's cohort or width allows no round */
export function createSecureAggregations(
  options: Pick<UploadsOptions, 'places' | 'idleMilliseconds'> & {
    readonly document: TaskDocument;
    readonly sections: RoundDescriptor['sections'];
    /** Signs rosters. */
    readonly identity: Identity;
    /** Null where devices pin the identities they meet. */
    readonly identityLog: PopulationLog | null;
    readonly engines: RoundEngines;
  },
): Aggregations {
  const { document, sections, identity, identityLog, engines, places, idleMilliseconds } = options;
  /** What is masked does not depend on the clip norm, which may follow the devices'. */
  let planned = { clipNorm: document.privacy.clipNorm, plan: securePlanOf(document, sections) };
  const masked = encodingsOf({
    sections,
    clipNorm: document.privacy.clipNorm,
    evaluationScale: document.evaluation.scale,
    secure: planned.plan,
  }).map(({ length, bits }) => ({ length, bits }));
  const planAt = (clipNorm: number | null) => {
    if (clipNorm !== planned.clipNorm) planned = { clipNorm, plan: securePlanOf(document, sections, clipNorm) };
    return planned.plan;
  };
  /** The masked sum is one model of memory: kept from round to round. */
  let spare: RoundModularSum | null = null;
  let closed = false;

  return {
    uploadBytes: maskedVectorLength(masked),
    async close() {
      closed = true;
      await spare?.close();
      spare = null;
    },
    prepare: (clipNorm) => ({
      sealingKey: null,
      secure: { ...planAt(clipNorm), identityLog: identityLog?.head() ?? null },
      start({ descriptor }, devices, port) {
        const round = secureRoundOf(descriptor, identity.publicKey, document.population);
        const size = round.identityLog?.size ?? 0;
        const server = createSecureServer({
          round,
          coordinator: identity,
          devices,
          ...(identityLog && { proofOf: (device: Uint8Array) => identityLog.proof(device, size) }),
        });
        const shell = createSecureRoundShell(descriptor.round, server, port);
        const sum = spare ?? engines.createModularSum(masked);
        spare = null;
        let opened: OpenedSum | null = null;
        const uploads = createMaskedUploads({
          round: descriptor.round,
          sections: masked,
          server,
          checked: shell.checked,
          places,
          idleMilliseconds,
          memory: () => sum.takeVectorMemory?.() ?? null,
          add: sum.addPacked,
        });
        return {
          uploads,
          secure: shell,
          get engine() {
            return sum.engine;
          },
          get fill() {
            return opened?.fill ?? null;
          },
          async openSum(noise) {
            opened = await openSum(round, descriptor, { server, sum, noise, failed: port.failed });
            return opened.sum;
          },
          dispose() {
            uploads.end();
            sum.reset();
            opened?.sum.fill(0);
            if (closed) void sum.close();
            else spare = sum;
          },
        };
      },
    }),
  };
}
