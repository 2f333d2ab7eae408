/** What the model on this device recommends: of all sections or of one, without those that are hidden. */
import { useRecommendations } from '@tributary/client/react';
import { NoRecommendations } from 'films/src/no-recommendations.tsx';
import { Variety } from 'films/src/variety.tsx';
import { useState } from 'react';
import { articles, sections } from '../catalogue/articles.ts';
import { ArticleList, type OnRead } from './article-list.tsx';

export function FrontPage({ onRead }: { readonly onRead: OnRead }) {
  const [diversity, setDiversity] = useState(0.3);
  const [only, setOnly] = useState<string | null>(null);
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const { items, recommendationId, basis, status } = useRecommendations({
    count: 6,
    diversity,
    attributes: only === null ? [] : [only],
    exclude: articles.filter(({ section }) => hidden.includes(section)).map(({ id }) => id),
  });
  return (
    <section aria-labelledby="front-page">
      <header className="section-head">
        <h2 id="front-page">For you</h2>
        <Variety value={diversity} onChange={setDiversity} />
      </header>
      <fieldset className="choices">
        <legend className="visually-hidden">Only one section</legend>
        {sections.map((section) => (
          <button
            key={section}
            type="button"
            aria-pressed={only === section}
            onClick={() => setOnly(only === section ? null : section)}
          >
            {section}
          </button>
        ))}
      </fieldset>
      <fieldset className="hidden-sections">
        <legend>Hide</legend>
        {sections.map((section) => (
          <label key={section}>
            <input
              type="checkbox"
              checked={hidden.includes(section)}
              onChange={({ target }) =>
                setHidden((before) =>
                  target.checked ? [...before, section] : before.filter((name) => name !== section),
                )
              }
            />
            {section}
          </label>
        ))}
      </fieldset>
      {items.length === 0 ? (
        <NoRecommendations status={status} />
      ) : (
        <>
          <p className="hint">
            {basis === 'history'
              ? 'Ranked on this device, from what you have read.'
              : 'You have read nothing yet: open an article and watch it move.'}
          </p>
          <ArticleList
            articleIds={items.map(({ id }) => id)}
            onRead={onRead}
            recommendationId={recommendationId}
            testId="for-you"
          />
        </>
      )}
    </section>
  );
}
