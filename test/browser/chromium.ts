/** Real Chromium for tests: the machine's, found and started alike everywhere. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

const places = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of the browser's executable; null where there is none. */
export const chromiumPath = places.find((path) => path !== undefined && existsSync(path)) ?? null;

/** Said by tests that are skipped for want of it. */
export const noChromium =
  'no Chromium on this machine: install it (Debian: apt-get install chromium), or name one in CHROMIUM_PATH';

function launchOptions() {
  if (chromiumPath === null) throw new Error(noChromium);
  return {
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Pages that are not in front train all the same in these tests.
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
    ],
  };
}

/** Every context of it is a private window: what its pages keep is in memory and goes with it. */
export async function launchChromium(): Promise<Browser> {
  const browser = await chromium.launch(launchOptions());
  browser.on('context', bePatient);
  return browser;
}

/** A window of a person's profile, which keeps on disk what its pages keep. @param folder of the profile, made where there is none */
export async function launchProfile(folder: string): Promise<BrowserContext> {
  const profile = await chromium.launchPersistentContext(folder, launchOptions());
  bePatient(profile);
  return profile;
}

/** Twenty devices and a browser on two cores take their time, and that is no failure. */
function bePatient(context: BrowserContext): void {
  context.setDefaultTimeout(90_000);
}
