/** The field, what was found, and by what. */
import { useConsent, useSearch } from '@tributary/client/react';
import { type Film, filmsById } from 'films/catalogue/films.ts';
import { ConsentNotice } from 'films/src/consent-notice.tsx';
import { FilmCard } from 'films/src/film-card.tsx';
import { FilmDialog } from 'films/src/film-dialog.tsx';
import { HistoryProblem } from 'films/src/history.tsx';
import { useEffect, useState } from 'react';

export type EncoderState =
  | { readonly state: 'off' | 'loading' | 'on' }
  | { readonly state: 'failed'; readonly message: string };

interface SearchPageProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly encoder: EncoderState;
  readonly onLoadEncoder: () => void;
}

/** While the catalogue is being encoded, the same question is asked again [ms]. */
const askAgainMilliseconds = 500;

export function SearchPage({ text, onText, encoder, onLoadEncoder }: SearchPageProps) {
  const [open, setOpen] = useState<Film | null>(null);
  const { status: consent } = useConsent();
  const { items, basis, status, refresh } = useSearch(text, { count: 12 });
  const isBlank = text.trim() === '';
  const awaitsEncodings = encoder.state === 'on' && !isBlank && basis === 'words';
  useEffect(() => {
    if (!awaitsEncodings) return;
    const timer = setInterval(() => void refresh(), askAgainMilliseconds);
    return () => clearInterval(timer);
  }, [awaitsEncodings, refresh]);
  const found = isBlank ? [] : items;
  return (
    <main id="main">
      <ConsentNotice deed="like" />
      <HistoryProblem />
      <section aria-labelledby="search-films">
        <h2 id="search-films" className="visually-hidden">
          Search films
        </h2>
        <div className="section-head">
          <search className="search">
            <label htmlFor="field">Search</label>
            <input
              id="field"
              type="search"
              placeholder="love at the seaside, spaceships, a heist …"
              value={text}
              onChange={({ target }) => onText(target.value)}
            />
          </search>
          <label className="by-meaning">
            <input
              type="checkbox"
              checked={encoder.state === 'on' || encoder.state === 'loading'}
              aria-disabled={encoder.state === 'on'}
              onChange={() => {
                if (encoder.state === 'off' || encoder.state === 'failed') onLoadEncoder();
              }}
            />
            By meaning too
          </label>
        </div>
        <p className="hint" role="status">
          {statusText({ encoder, isBlank, consent, status, basis: found.length === 0 ? undefined : basis })}
        </p>
        <ul className="cards" data-testid="found" data-basis={isBlank ? undefined : basis}>
          {found.map(({ id }) => {
            const film = filmsById.get(id);
            return film === undefined ? null : <FilmCard key={id} film={film} onOpen={setOpen} />;
          })}
        </ul>
      </section>
      {open === null ? null : <FilmDialog key={open.id} film={open} onOpen={setOpen} onClose={() => setOpen(null)} />}
    </main>
  );
}

interface Situation {
  readonly encoder: EncoderState;
  readonly isBlank: boolean;
  readonly consent: string;
  readonly status: string;
  readonly basis: 'encoder' | 'words' | undefined;
}

function statusText({ encoder, isBlank, consent, status, basis }: Situation): string {
  if (encoder.state === 'failed') return `The encoder cannot run here: ${encoder.message}`;
  if (encoder.state === 'loading') return 'Loading the encoder …';
  if (consent !== 'granted' && status === 'error') return 'The list is fetched once you agree to take part.';
  if (isBlank) return 'What you search for stays on this device.';
  if (basis === 'encoder') return 'Found by the encoder: by what texts mean, the nearest first.';
  if (basis === 'words') {
    return encoder.state === 'on' ? 'Found by words, while films are being encoded …' : 'Found by words.';
  }
  return status === 'loading' ? 'Searching …' : 'Nothing has these words.';
}
