/** What the same people had. */
import { useSimilarItems } from '@tributary/client/react';

interface SimilarItemsProps {
  readonly itemId: string;
  readonly heading: string;
  readonly onOpen: (itemId: string) => void;
}

export function SimilarItems({ itemId, heading, onOpen }: SimilarItemsProps) {
  const { items } = useSimilarItems(itemId, { count: 4 });
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="similar">
      <h3 id="similar">{heading}</h3>
      <ul className="titles">
        {items.map(({ id, title }) => (
          <li key={id}>
            <button type="button" onClick={() => onOpen(id)}>
              {title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
