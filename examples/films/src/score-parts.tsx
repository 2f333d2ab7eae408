/** Why an item is recommended: what the person's own history says about it. */
import { type HistoryContribution, useExplanation } from '@tributary/client/react';

/** The item of the person's own history that speaks most for this one; undefined where none does. */
export function useStrongestReason(itemId: string): HistoryContribution | undefined {
  const { explanation } = useExplanation(itemId);
  const strongest = explanation?.contributions.toSorted((a, b) => b.value - a.value)[0];
  return strongest !== undefined && strongest.value > 0 ? strongest : undefined;
}

/** @param deed what the person did with it, such as 'liked' */
export function Because({ itemId, deed }: { readonly itemId: string; readonly deed: string }) {
  const reason = useStrongestReason(itemId);
  return reason === undefined ? null : (
    <p className="because">
      Because you {deed} {reason.title}
    </p>
  );
}

/** The parts of the score, which add up to it. */
export function ScoreParts({ itemId, heading }: { readonly itemId: string; readonly heading: string }) {
  const { explanation } = useExplanation(itemId);
  if (explanation === undefined) return null;
  const parts = explanation.contributions.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, 5);
  if (parts.length === 0) return null;
  const largest = Math.max(...parts.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  return (
    <section aria-labelledby={`why-${itemId}`}>
      <h3 id={`why-${itemId}`}>{heading}</h3>
      <ul className="parts">
        {parts.map(({ itemId: had, title, value }) => (
          <li key={had}>
            <span className="part-title">{title}</span>
            <span className="part-bar" aria-hidden="true">
              <span
                className={value < 0 ? 'against' : 'for'}
                style={{ inlineSize: `${(100 * Math.abs(value)) / largest}%` }}
              />
            </span>
            <span className="part-value">{signed(value)}</span>
          </li>
        ))}
      </ul>
      {explanation.attributes
        .filter(({ value }) => value > 0)
        .slice(0, 1)
        .map(({ attribute, itemIds }) => (
          <p key={attribute} className="hint">
            What speaks for it most is {attribute}: {itemIds.length} {itemIds.length === 1 ? 'film' : 'films'} you
            liked.
          </p>
        ))}
      <p className="hint">
        Computed on this device. The whole score, {explanation.score.toFixed(2)}, is the sum of such parts.
      </p>
    </section>
  );
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}
