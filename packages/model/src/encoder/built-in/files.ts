/**
 * The encoder that is always there, as the files of its Hugging Face folder. They are modules and not assets: TypeScript's compiler
 * copies no assets to dist, a bundler finds an asset by `new URL` only where it is set up to, and Node has no fetch of file URLs,
 * while a module works from sources, from dist and in a bundled page alike. Base64 costs a third on disk and next to nothing over a
 * compressed connection. The modules are loaded by the first call, in a chunk of their own.
 */

export interface BuiltInEncoderFiles {
  /** By name as in the folder: config.json, modules.json, 1_Pooling/config.json, sentence_bert_config.json, tokenizer.json. */
  readonly texts: Readonly<Record<string, string>>;
  /** model.safetensors: matrices I8 with `<name>.scale` F32 [rows] beside them, vectors F32. */
  readonly weights: Uint8Array;
  /** SHA-256 of `weights`, hexadecimal. */
  readonly hash: string;
  readonly licence: 'Apache-2.0';
}

/** A BERT of 2 layers and width 128 trained on generated catalogue text; see README.md beside this file for its limits. */
export async function builtInEncoderFiles(): Promise<BuiltInEncoderFiles> {
  const [{ texts }, { weights, weightsHash }] = await Promise.all([
    import('./texts.generated.ts'),
    import('./weights.generated.ts'),
  ]);
  const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
  return { texts, weights: bytes, hash: weightsHash, licence: 'Apache-2.0' };
}
