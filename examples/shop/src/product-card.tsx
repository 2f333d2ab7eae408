/** A product in a list. */
import { usePersonalHistory } from 'films/src/history.tsx';
import type { ReactNode } from 'react';
import type { Product } from '../catalogue/products.ts';

interface ProductCardProps {
  readonly product: Product;
  /** Where the product was recommended. */
  readonly recommendationId?: string | undefined;
  /** Why it is here. */
  readonly children?: ReactNode;
}

const euros = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });

export function ProductCard({ product, recommendationId, children }: ProductCardProps) {
  const { itemIds: boughtIds, add } = usePersonalHistory();
  const { id, title, department, brand, price, description } = product;
  const isBought = boughtIds.includes(id);
  return (
    <li className="card">
      <div className="card-text">
        <h3>{title}</h3>
        <p className="facts">
          {brand} · {department}
        </p>
        <p className="line">{description}</p>
        <p className="price">{euros.format(price)}</p>
        {children}
      </div>
      <div className="card-actions">
        <button
          type="button"
          className={isBought ? 'bought' : ''}
          aria-label={`${isBought ? 'Bought' : 'Buy'} ${title}`}
          aria-disabled={isBought}
          onClick={() => {
            if (!isBought) add(id, recommendationId);
          }}
        >
          <span aria-hidden="true">{isBought ? 'Bought' : 'Buy'}</span>
        </button>
      </div>
    </li>
  );
}
