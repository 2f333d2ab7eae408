/** Signals that fired, also where the runtime's AbortSignal is the first edition without reasons, as React Native's is. */

/** Why the signal fired; an error in any case. */
export function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new Error('It was aborted.');
}

/** @throws the signal's reason, where it has fired */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortReason(signal);
}
