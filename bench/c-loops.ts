/** Loops in C at -O3, compiled where there is a compiler, in a process of their own that runs one when it is told to. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** What a line on standard input asks for: `name elements repeats`. */
const source = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* Not inlined, so that repeats are not folded into one. */
__attribute__((noinline)) static void add32(uint32_t *sum, const uint32_t *x, size_t n) {
  for (size_t i = 0; i < n; i++) sum[i] += x[i];
}
__attribute__((noinline)) static void add16(uint32_t *sum, const uint16_t *x, size_t n) {
  for (size_t i = 0; i < n; i++) sum[i] += x[i];
}
int main(void) {
  char name[16];
  size_t n, repeats, room = 0;
  uint32_t *sum = NULL, *x = NULL;
  puts("ready");
  fflush(stdout);
  while (scanf("%15s %zu %zu", name, &n, &repeats) == 3) {
    if (n > room) {
      free(sum);
      free(x);
      sum = aligned_alloc(64, 4 * n + 64 - 4 * n % 64);
      x = aligned_alloc(64, 4 * n + 64 - 4 * n % 64);
      memset(sum, 1, 4 * n);
      memset(x, 2, 4 * n);
      room = n;
    }
    for (size_t r = 0; r < repeats; r++) {
      if (!strcmp(name, "add32")) add32(sum, x, n);
      else add16(sum, (const uint16_t *)x, n);
    }
    printf("%u\\n", sum[n / 2]);
    fflush(stdout);
  }
  return 0;
}
`;

export interface CLoops {
  run(name: 'add32' | 'add16', elements: number, repeats: number): Promise<void>;
  stop(): Promise<void>;
}

/** Null where no C compiler is. */
export async function startCLoops(): Promise<CLoops | null> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, 'loops.c'), source);
    await promisify(execFile)('cc', ['-O3', '-o', join(folder, 'loops'), join(folder, 'loops.c')]);
  } catch {
    await remove();
    return null;
  }
  const child = spawn(join(folder, 'loops'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answered = async () => {
    if ((await lines.next()).done) throw new Error('The C loops stopped.');
  };
  await answered();
  return {
    async run(name, elements, repeats) {
      const answer = answered();
      child.stdin.write(`${name} ${elements} ${repeats}\n`);
      await answer;
    },
    async stop() {
      child.stdin.end();
      await remove();
    },
  };
}
