/** What the tests' pages run: the SDK's browser entry, and one instance of it that tests speak to. */
import { createTributary, createTributaryInWorker, type Tributary, type TributaryOptions } from '@tributary/client';
import type { encodeOn } from './encoder-page.ts';
import { trainOnce } from './parity-training.ts';

export interface PageDevice {
  tributary: Tributary | null;
  readonly states: string[];
  readonly phases: string[];
  /** Rounds that the versions came of. */
  readonly versions: number[];
  readonly errors: string[];
  /** @param where in the page itself, or in the worker of a script of this name */
  open(options: TributaryOptions, where?: 'page' | 'worker' | 'text-worker'): Promise<void>;
  readonly trainOnce: typeof trainOnce;
  encodeOn(...input: Parameters<typeof encodeOn>): ReturnType<typeof encodeOn>;
}

declare global {
  var device: PageDevice;
}

globalThis.device = {
  tributary: null,
  states: [],
  phases: [],
  versions: [],
  errors: [],
  async open(options, where = 'page') {
    const tributary =
      where === 'page'
        ? await createTributary(options)
        : await createTributaryInWorker(new Worker(`/${where}.js`, { type: 'module' }), options);
    this.tributary = tributary;
    this.states.push(tributary.state);
    tributary.on('state', ({ state }) => this.states.push(state));
    tributary.on('round', ({ round, phase }) => this.phases.push(`${round} ${phase}`));
    tributary.on('version', ({ round }) => this.versions.push(round));
    tributary.on('error', ({ code, message }) => this.errors.push(`${code}: ${message}`));
  },
  trainOnce,
  // As an app does: nothing of an encoder is loaded before it is wanted.
  async encodeOn(...input) {
    return (await import('./encoder-page.ts')).encodeOn(...input);
  },
};
