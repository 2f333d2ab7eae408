/** The layout, and the switch from a device that reads words to one that has an encoder. */
import type { Tributary } from '@tributary/client';
import { TributaryProvider, useTributary } from '@tributary/client/react';
import { TasteProvider } from 'films/src/taste.tsx';
import { useState } from 'react';
import { type EncoderState, SearchPage } from './search-page.tsx';

export function App() {
  const { client } = useTributary();
  const [encoder, setEncoder] = useState<EncoderState>({ state: 'off' });
  // Kept here: what is below is made anew with the other device.
  const [text, setText] = useState('');
  const [encoderDevice, setEncoderDevice] = useState<Tributary | null>(null);

  async function load(before: Tributary): Promise<void> {
    setEncoder({ state: 'loading' });
    try {
      const { openEncoderDevice } = await import('./encoder-device.ts');
      setEncoderDevice(await openEncoderDevice(before));
      setEncoder({ state: 'on' });
    } catch (error) {
      setEncoder({ state: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  const page = (
    <TasteProvider>
      <SearchPage
        text={text}
        onText={setText}
        encoder={encoder}
        onLoadEncoder={() => {
          if (client !== null && encoder.state !== 'loading') void load(client);
        }}
      />
    </TasteProvider>
  );
  return (
    <>
      <header className="top">
        <h1>Search</h1>
        <p>Films, found on your own device</p>
      </header>
      <div className="columns">
        {encoderDevice === null ? page : <TributaryProvider client={encoderDevice}>{page}</TributaryProvider>}
      </div>
    </>
  );
}
