import type { Page } from 'playwright-core';
import type { Example } from '../../examples/films/server/start-example.ts';

/** An example as it is photographed. */
export interface Scene {
  readonly example: Example;
  /** Of training before the pictures are taken. */
  readonly rounds: number;
  /** What a person does who has just agreed to take part. */
  act(page: Page): Promise<void>;
  take(page: Page): Promise<void>;
}
