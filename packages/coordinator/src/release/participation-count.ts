/**
 * How often each device was in a charged sum, where the claim bounds it. Devices count by themselves, and are right when the counts of a
 * process end with it: this spares asking them in vain.
 */
import type { TaskDocument } from '@tributary/protocol';

export interface ParticipationCount {
  readonly charged: (devices: Iterable<string>) => void;
  /** The device says so itself, by its own count. */
  readonly refused: (device: string) => void;
  readonly isExhausted: (device: string) => boolean;
}

export function countParticipations({ privacy }: Pick<TaskDocument, 'privacy'>): ParticipationCount {
  const most = privacy.noise?.participations;
  const counts = new Map<string, number>();
  return {
    charged(devices) {
      if (most === undefined) return;
      for (const device of devices) counts.set(device, (counts.get(device) ?? 0) + 1);
    },
    refused(device) {
      if (most !== undefined) counts.set(device, most);
    },
    isExhausted: (device) => most !== undefined && (counts.get(device) ?? 0) >= most,
  };
}
