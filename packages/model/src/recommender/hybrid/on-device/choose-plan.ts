/** What a device measured of itself, and what one round asks of it. */
export interface DeviceMeasurement {
  /** texts per second of a training step through the encoder (forward and backward), at least 0 */
  readonly measuredTextsPerSecond: number;
  readonly memoryBytes: number;
  /** longest time that local training may take in a round */
  readonly budgetSeconds: number;
  /** texts that the full plan trains on in a round */
  readonly textsPerRound: number;
  readonly cheapMemoryBytes: number;
  readonly fullMemoryBytes: number;
}

export type PlanChoice =
  | { readonly plan: 'cheap' | 'full' }
  | { readonly plan: 'refused'; readonly code: 'too-little-memory'; readonly message: string };

/** The full plan where memory and time allow it, else the cheap one; refused where even that does not fit. */
export function choosePlan(device: DeviceMeasurement): PlanChoice {
  const { memoryBytes, cheapMemoryBytes } = device;
  if (!(memoryBytes >= cheapMemoryBytes)) {
    const message = `The device has ${memoryBytes} bytes of memory, the cheap plan needs ${cheapMemoryBytes}: free memory or leave this task.`;
    return { plan: 'refused', code: 'too-little-memory', message };
  }
  const inTime = device.textsPerRound <= device.measuredTextsPerSecond * device.budgetSeconds;
  return { plan: inTime && memoryBytes >= device.fullMemoryBytes ? 'full' : 'cheap' };
}
