import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandError } from '../exit/command-error.ts';
import { explainError } from '../exit/explain.ts';
import { createOutput } from '../output/output.ts';
import { runResultSchema } from '../output/run-result-schema.ts';
import { runSimulate, type SimulateCommandOptions } from './run-simulate.ts';

const plan = (privacy: string, minimum = 30) => `version: 1
task: films
population: members
model: { kind: implicit-als, dimension: 4, unobservedWeight: 0.3, regularisation: 0.02 }
rounds: 1
cohort: { target: 40, minimum: ${minimum} }
privacy: ${privacy}
optimizer: { kind: fedavg, learningRate: 0.5 }
`;

describe('tributary simulate --privacy', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-privacy-'));
    await writeFile(join(folder, 'unbounded.yaml'), plan('{ plan: sealed, clipNorm: null }'));
    await writeFile(join(folder, 'few.yaml'), plan('{ plan: sealed, clipNorm: 5 }', 10));
    await writeFile(join(folder, 'sealed.yaml'), plan('{ plan: sealed, clipNorm: 5 }'));
    await writeFile(
      join(folder, 'unsafe.yaml'),
      plan('{ plan: secure, clipNorm: 5, secure: { corrupt: 0.4, dropout: 0.4 } }'),
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function simulate(file: string, privacy?: SimulateCommandOptions['privacy']) {
    let [out, error] = ['', ''];
    const output = createOutput(true, {
      out: {
        write: (part: string) => {
          out += part;
        },
      },
      error: {
        write: (part: string) => {
          error += part;
        },
      },
    });
    await runSimulate(
      {
        ...{ plan: join(folder, file), data: 'synthetic', seeds: 1, workers: 1, evaluateOn: 'test', rankEvery: 0 },
        ...{ central: false, ...(privacy && { privacy }) },
      },
      output,
      new AbortController().signal,
    );
    return { result: runResultSchema.parse(JSON.parse(out)), error };
  }

  it('secure asks for a clip norm, and says how to choose one', async () => {
    for (const privacy of ['secure', 'secure-unmasked'] as const) {
      const refused = await simulate('unbounded.yaml', privacy).catch((error: unknown) => error);
      if (!(refused instanceof CommandError)) throw new Error('It was not refused.');
      const { exitCode, message, advice } = explainError(refused);
      expect({ exitCode, message }).toEqual({ exitCode: 3, message: expect.stringContaining('needs a clip norm') });
      expect(advice).toContain('a little more than the norm of most contributions');
    }
  });

  it('secure refuses a cohort so small that a sum says too much', async () => {
    await expect(simulate('few.yaml', 'secure')).rejects.toThrow(/needs at least 20/);
  });

  it('overrides the plan of the task, and its result says which was run', async () => {
    const { result, error } = await simulate('sealed.yaml', 'secure-unmasked');
    expect(result.privacy).toMatchObject({ plan: 'secure', cryptography: false, epsilon: null, bits: 20 });
    expect(result.privacy.assumption).toContain('sums of at least 30 contributions');
    expect(error).toContain('no mask was made');
    const sealed = await simulate('sealed.yaml');
    expect(sealed.result.privacy).toMatchObject({ plan: 'sealed' });
    expect(sealed.result.privacy.cryptography).toBeUndefined();
  });

  it('refuses as a coordinator does where no graph is safe, with the arithmetic', async () => {
    const refused = await simulate('unsafe.yaml').catch((error: unknown) => error);
    expect(explainError(refused)).toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/No secure round of 30 to \d+ devices/),
    });
  });
});
