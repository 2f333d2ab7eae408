/** What a benchmark reports: two programs side by side in one run, so that the figure is a ratio and not a machine's. */
export interface BenchRow {
  readonly name: string;
  /** Ours over the peer's, or as the target says; null where the peer is missing. */
  readonly ratio: number | null;
  /** In words, e.g. ">= 50x". */
  readonly target: string;
  /** Whether the target is met; null where it could not be measured. */
  readonly ok: boolean | null;
  /** Absolute figures, or what was missing. */
  readonly detail: string;
}
