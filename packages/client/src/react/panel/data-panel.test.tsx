// @vitest-environment happy-dom
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTributary, type Tributary } from '../../sdk/tributary.ts';
import {
  type ScriptedCoordinator,
  scriptedTask,
  startScriptedCoordinator,
} from '../../testing/scripted-coordinator.ts';
import { DataPanel, type DataPanelProps, englishLabels, TributaryProvider, useConsent } from '../index.ts';

// A busy machine is slow, and that is no failure.
configure({ asyncUtilTimeout: 20_000 });

beforeAll(() => vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true));
let coordinator: ScriptedCoordinator;
let tributary: Tributary;
beforeEach(async () => {
  coordinator = await startScriptedCoordinator();
  tributary = await createTributary({ url: coordinator.url, task: scriptedTask, agreement: { plans: ['sealed'] } });
});
afterEach(async () => {
  cleanup();
  await tributary.stop();
  await coordinator.close();
});

function Elsewhere() {
  return <p>elsewhere: {useConsent().status}</p>;
}

async function openPanel(props: DataPanelProps = {}, client: Tributary = tributary) {
  const { container } = render(
    <main>
      <h1>Settings</h1>
      <TributaryProvider client={client}>
        <DataPanel {...props} />
        <Elsewhere />
      </TributaryProvider>
    </main>,
  );
  await screen.findByRole('button', { name: /Erase what I did|Alles/ });
  return container;
}

const button = (name: string) => screen.getByRole('button', { name });
/** What Enter and Space do to a focused button in a browser. */
const press = () => act(async () => (document.activeElement as HTMLElement).click());
const fact = (name: string) => screen.getByText(name).nextElementSibling?.textContent;
const said = () => screen.getByRole('status').textContent;

/** Everything that axe can see without a layout; contrast is seen in a browser. */
async function violations(container: Element): Promise<readonly string[]> {
  const result = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

describe('the panel', () => {
  it('has no fault that axe finds: before a decision, while asking, after an error, and after leaving', async () => {
    const client = Object.create(tributary, {
      exportData: { value: () => Promise.reject(new Error('The disk is gone.')) },
    });
    const container = await openPanel({}, client);
    expect(await violations(container)).toEqual([]);
    fireEvent.click(button(englishLabels.erase.ask));
    fireEvent.click(button(englishLabels.save));
    await waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/did not work.*disk is gone/));
    expect(await violations(container)).toEqual([]);
    fireEvent.click(button(englishLabels.wipe.ask));
    await act(async () => button(englishLabels.wipe.confirm).click());
    await waitFor(() => expect(said()).toBe(englishLabels.wipe.done));
    expect(await violations(container)).toEqual([]);
  });

  it('finds the faults that it is tested for', async () => {
    const { container } = render(
      <main>
        <button type="button" />
      </main>,
    );
    expect(await violations(container)).toEqual([expect.stringMatching(/^button-name/)]);
  });

  it('fits its headings to the page', async () => {
    await openPanel({ headingLevel: 3 });
    expect(screen.getByRole('heading', { level: 3 }).textContent).toBe(englishLabels.title);
    expect(screen.getAllByRole('heading', { level: 4 }).map(({ textContent }) => textContent)).toEqual([
      englishLabels.participation,
      englishLabels.kept,
      englishLabels.sent,
      englishLabels.removal,
    ]);
    expect(screen.getAllByRole('region')).toHaveLength(5);
  });

  it('takes consent, shows what comes of it, and takes it back', async () => {
    await openPanel();
    expect(fact(englishLabels.decision)).toBe(englishLabels.decisions.pending);
    expect(coordinator.connections).toBe(0);
    await act(async () => button(englishLabels.grant).click());
    await waitFor(() => expect(screen.getByText(/^Right now: Connected/)).not.toBeNull());
    expect(said()).toBe(englishLabels.granted);
    expect(screen.getByText('elsewhere: granted')).not.toBeNull();
    expect(fact(englishLabels.modelVersion)).toMatch(/^After round 0 \([0-9a-f]{8}\)$/);
    expect(fact(englishLabels.bytesReceived)).not.toBe('0 bytes');
    expect(fact(englishLabels.bytesSent)).toBe('0 bytes');
    await act(async () => button(englishLabels.revoke).click());
    await waitFor(() => expect(said()).toBe(englishLabels.revoked));
    expect(tributary.consent.status).toBe('denied');
    expect(button(englishLabels.resume)).not.toBeNull();
    await waitFor(() => expect(coordinator.devices.size).toBe(0));
  });

  it('pauses and goes on, and what was agreed to stands', async () => {
    await openPanel();
    expect(screen.queryByRole('button', { name: englishLabels.pause })).toBeNull();
    await act(async () => button(englishLabels.grant).click());
    await waitFor(() => expect(coordinator.devices.size).toBe(1));
    button(englishLabels.pause).focus();
    await press();
    await waitFor(() => expect(said()).toBe(englishLabels.paused));
    expect(screen.getByText(`${englishLabels.state}: ${englishLabels.states.paused}`)).not.toBeNull();
    expect(tributary.consent.status).toBe('granted');
    await waitFor(() => expect(coordinator.devices.size).toBe(0));
    expect(document.activeElement).toBe(button(englishLabels.unpause));
    await press();
    await waitFor(() => expect(said()).toBe(englishLabels.unpaused));
    await waitFor(() => expect(coordinator.devices.size).toBe(1));
  });

  it('takes no for an answer, and has the focus where the decision can be changed', async () => {
    await openPanel();
    button(englishLabels.decline).focus();
    await press();
    await waitFor(() => expect(said()).toBe(englishLabels.revoked));
    expect(fact(englishLabels.decision)).toBe(englishLabels.decisions.denied);
    expect(document.activeElement).toBe(button(englishLabels.resume));
    expect(screen.queryByRole('button', { name: englishLabels.decline })).toBeNull();
    expect(coordinator.connections).toBe(0);
  });

  it('follows what is tracked', async () => {
    await openPanel();
    expect(fact(englishLabels.events)).toBe('0');
    await act(() => tributary.track({ type: 'view', itemId: 'film-1' }));
    await waitFor(() => expect(fact(englishLabels.events)).toBe('1'));
  });

  it('saves what the device keeps as a file of JSON', async () => {
    const data = { events: [{ type: 'view', itemId: 'film-1' }] };
    let saved: Blob | undefined;
    const names: string[] = [];
    const create = vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
      saved = blob as Blob;
      return 'blob:copy';
    });
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      names.push(`${this.download} from ${this.href}`);
    });
    await openPanel({ fileName: 'films.json' }, Object.create(tributary, { exportData: { value: async () => data } }));
    await act(async () => button(englishLabels.save).click());
    await waitFor(() => expect(said()).toBe('A copy was saved as films.json.'));
    expect(names).toEqual(['films.json from blob:copy']);
    expect(JSON.parse((await saved?.text()) ?? '')).toEqual(data);
    expect(document.querySelector('a')).toBeNull();
    create.mockRestore();
    click.mockRestore();
  });

  it('says everything in the words that it is given, and the rest in English', async () => {
    await openPanel({
      labels: {
        title: 'Ihre Daten, Ihr Modell',
        erase: { ...englishLabels.erase, ask: 'Alles löschen' },
        decisions: { ...englishLabels.decisions, pending: 'Noch offen' },
      },
    });
    expect(screen.getByRole('region', { name: 'Ihre Daten, Ihr Modell' })).not.toBeNull();
    expect(button('Alles löschen')).not.toBeNull();
    expect(screen.getByText('Noch offen')).not.toBeNull();
    expect(button(englishLabels.grant)).not.toBeNull();
  });
});

describe('erasing', () => {
  it('asks first, with the focus on the answer that changes nothing, and Escape is that answer', async () => {
    await openPanel();
    await act(() => tributary.track({ type: 'view', itemId: 'film-1' }));
    button(englishLabels.erase.ask).focus();
    await press();
    const question = screen.getByRole('alertdialog', { name: englishLabels.erase.question });
    expect(document.getElementById(question.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
      englishLabels.erase.consequence,
    );
    expect(document.activeElement).toBe(button(englishLabels.erase.cancel));

    fireEvent.keyDown(button(englishLabels.erase.cancel), { key: 'Escape' });
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(document.activeElement).toBe(button(englishLabels.erase.ask));

    await press();
    await press();
    expect(document.activeElement).toBe(button(englishLabels.erase.ask));
    await waitFor(() => expect(fact(englishLabels.events)).toBe('1'));
  });

  it('erases what was tracked once it is confirmed, says so, and gives the focus back', async () => {
    await openPanel();
    await act(() => tributary.track({ type: 'view', itemId: 'film-1' }));
    await waitFor(() => expect(fact(englishLabels.events)).toBe('1'));
    button(englishLabels.erase.ask).focus();
    await press();
    const buttons = within(screen.getByRole('alertdialog')).getAllByRole('button');
    expect(buttons.map(({ textContent }) => textContent)).toEqual([
      englishLabels.erase.cancel,
      englishLabels.erase.confirm,
    ]);
    expect(buttons.every(({ tabIndex }) => tabIndex === 0)).toBe(true);
    buttons[1].focus();
    await press();
    await waitFor(() => expect(said()).toBe(englishLabels.erase.done));
    expect(fact(englishLabels.events)).toBe('0');
    expect(document.activeElement).toBe(button(englishLabels.erase.ask));
    expect((await tributary.summary()).events).toBe(0);
  });

  it('leaves and removes everything once it is confirmed, and has the focus where something is left', async () => {
    await openPanel();
    button(englishLabels.wipe.ask).focus();
    await press();
    button(englishLabels.wipe.confirm).focus();
    await press();
    await waitFor(() => expect(said()).toBe(englishLabels.wipe.done));
    expect(tributary.state).toBe('stopped');
    expect(screen.getByText(englishLabels.stopped)).not.toBeNull();
    expect(screen.queryAllByRole('button')).toEqual([]);
    expect(document.activeElement?.textContent).toBe(englishLabels.title);
  });
});
