export interface TokenBatch {
  readonly size: number;
  readonly length: number;
  readonly ids: Int32Array;
  readonly mask: Int32Array;
  readonly typeIds: Int32Array;
}
