/** A picture of a page in docs/images/. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const mostBytes = 150_000;
/** Of WebP, in percent: text keeps its edges. */
const quality = 85;

export interface Picture {
  /** Without its ending. */
  readonly name: string;
  readonly colorScheme: 'light' | 'dark';
  /** Of the window [CSS pixels]. */
  readonly width: number;
  readonly height: number;
}

export const wide = { width: 1200, height: 820 } as const;
export const narrow = { width: 390, height: 844 } as const;

/** The window as the picture has it, at the top of the page. */
export async function compose(page: Page, { colorScheme, width, height }: Picture): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height });
  await page.evaluate('scrollTo(0, 0)');
}

/** Writes what the window shows, or one element of it. @throws Error where the file would be too large for a document */
export async function take(page: Page, { name }: Picture, of?: Locator): Promise<void> {
  await of?.scrollIntoViewIfNeeded();
  const box = await of?.evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x: x + scrollX, y: y + scrollY, width, height };
  });
  const browser = await page.context().newCDPSession(page);
  const { data } = await browser.send('Page.captureScreenshot', {
    format: 'webp',
    quality,
    ...(box === undefined ? {} : { clip: { ...box, scale: 1 }, captureBeyondViewport: true }),
  });
  await browser.detach();
  const bytes = Buffer.from(data, 'base64');
  const path = `${folder}${name}.webp`;
  if (bytes.length > mostBytes) throw new Error(`${path} has ${bytes.length} bytes, more than ${mostBytes}.`);
  await writeFile(path, bytes);
  console.log(`${path}: ${(bytes.length / 1000).toFixed(0)} kB`);
}
