/** The page of the tutorial for app developers: every file and command as written, built, and used in real Chromium. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../free-port.ts';
import { fromSource, root } from '../quickstart/command-line.ts';
import { pageFiles, runnableBlocks } from '../quickstart/runnable-blocks.ts';
import { axeViolations } from './axe.ts';
import { chromiumPath, launchChromium, noChromium } from './chromium.ts';
import { watch } from './watch.ts';

const patient = { timeout: 90_000 };

/** The tutorial's own configuration, but with this repository's packages from their sources. */
const fromSourceConfig = `
import { defaultClientConditions, mergeConfig } from 'vite';
import config from './vite.config.ts';

export default mergeConfig(config, { resolve: { conditions: ['source', ...defaultClientConditions] } });
`;

const words = (program: readonly string[]) => [process.execPath, ...program].map((word) => `'${word}'`).join(' ');

describe.skipIf(chromiumPath === null)(`the page of the tutorial in ${chromiumPath ?? noChromium}`, () => {
  let folder: string;
  let script: ChildProcess;
  let url: string;
  let browser: Browser;
  let person: BrowserContext;
  let page: Page;
  const problems: string[] = [];
  const sockets: string[] = [];
  let coordinatorPort: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-page-'));
    const markdown = await readFile(join(root, 'docs/tutorial-app-developer.md'), 'utf8');
    coordinatorPort = await freePort();
    const pagePort = await freePort();
    url = `http://localhost:${pagePort}/`;
    for (const { file, code } of pageFiles(markdown)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), code.replaceAll('7300', String(coordinatorPort)));
    }
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'tested.config.ts'), fromSourceConfig);
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const vite = words([join(root, 'node_modules/vite/bin/vite.js')]);
    const commands = runnableBlocks(markdown)
      .filter(({ language }) => language === 'sh')
      .map(({ code }) => code)
      .join('\n')
      // The same commands from source, on ports that are free here.
      .replaceAll('npx tributary', words(fromSource))
      .replace('node coordinator/people.js', `${words(fromSource.slice(0, -1))} coordinator/people.js`)
      .replace(
        'npx tsc',
        `${words([join(root, 'node_modules/typescript/bin/tsc')])} --customConditions source --exactOptionalPropertyTypes`,
      )
      .replace('npx vite build', `${vite} build --config tested.config.ts`)
      .replace('npx vite preview', `${vite} preview --config tested.config.ts --port ${pagePort} --strictPort &`)
      .replaceAll('7300', String(coordinatorPort));
    expect(commands).not.toContain('npx');
    const ending = `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\ntrap exit TERM`;
    await writeFile(join(folder, 'tutorial.sh'), `set -eu\n${ending}\n${commands}\necho all is running\nwait\n`);
    script = spawn('bash', ['tutorial.sh'], {
      cwd: folder,
      // Vite and React are to see what they see in a terminal.
      env: { ...process.env, NODE_ENV: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const hear = (part: string) => {
        // Vite writes an address in two colours where it thinks that somebody sees them, as where CI is set.
        said += stripVTControlCharacters(part);
        if (said.includes('all is running') && said.includes(url)) resolve();
      };
      script.stdout?.setEncoding('utf8').on('data', hear);
      script.stderr?.setEncoding('utf8').on('data', hear);
      script.once('exit', (code) => reject(new Error(`The tutorial's commands ended with ${code}:\n${said}`)));
    });
    browser = await launchChromium();
    person = await browser.newContext();
    page = await person.newPage();
    watch(page, problems);
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(url);
  });
  afterAll(async () => {
    await browser?.close();
    if (script?.exitCode === null) {
      script.kill('SIGTERM');
      await once(script, 'exit');
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const forYou = () => page.getByTestId('for-you').getByRole('listitem');
  const liked = ['Tent', 'Lantern', 'Compass'];

  it('asks first, and connects to nobody before the answer', async () => {
    await page.getByRole('heading', { name: 'Recommendations that learn without seeing you' }).waitFor(patient);
    await page.getByTestId('all').getByRole('button', { name: 'Like Tent', exact: true }).click();
    await expect.poll(() => page.locator('.tributary-panel').textContent(), patient).toContain('Things you did1');
    expect(sockets).toEqual([]);
    await page
      .getByRole('region', { name: 'Recommendations that learn' })
      .getByRole('button', { name: 'Take part' })
      .click();
    await expect.poll(() => forYou().count(), patient).toBe(5);
  });

  it('recommends after what was liked, says why, and finds', async () => {
    const all = page.getByTestId('all');
    for (const title of liked.slice(1)) await all.getByRole('button', { name: `Like ${title}`, exact: true }).click();
    await expect
      .poll(async () => (await forYou().allTextContents()).join(), patient)
      .toMatch(/because you like (Tent|Lantern|Compass)/);
    for (const shown of await forYou().allTextContents()) expect(liked).not.toContain(/^Like (\w+)/.exec(shown)?.[1]);
    await page.getByRole('searchbox').fill('rucksack');
    await expect.poll(() => all.getByRole('button').allTextContents(), patient).toEqual(['Like Rucksack']);
    await page.getByRole('searchbox').fill('');
    await expect.poll(() => all.getByRole('button').count(), patient).toBe(48);
  });

  it('takes part in a round, isolated and under the policy of the tutorial', async () => {
    const panel = page.getByRole('region', { name: 'Your data, your model' });
    await expect.poll(() => panel.textContent(), patient).toMatch(/Rounds you took part in[1-9]/);
    expect(await panel.textContent()).toContain('Nobody: only the sum over many devices can be read');
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('recommends in the plain page from what both share', async () => {
    const plain = await person.newPage();
    watch(plain, problems);
    await plain.goto(`${url}plain.html`);
    const options = plain.getByRole('option');
    await expect.poll(() => options.count(), patient).toBe(5);
    expect(await plain.getByRole('checkbox', { name: 'Take part' }).isChecked()).toBe(true);
    const [first] = await options.allTextContents();
    expect(liked).not.toContain(first);
    await options.first().click();
    await plain.getByRole('button', { name: 'I like it' }).click();
    await expect.poll(() => options.allTextContents(), patient).not.toContain(first);
    await expect.poll(async () => (await forYou().allTextContents()).join(), patient).not.toContain(`Like ${first} `);
    expect(await axeViolations(plain)).toEqual([]);
    await plain.close();
  });

  it('spoke with the coordinator alone, and had nothing to complain about', () => {
    expect(sockets.every((address) => address.startsWith(`ws://127.0.0.1:${coordinatorPort}/`))).toBe(true);
    expect(problems).toEqual([]);
  });
});
