/** What the model on this device recommends, and all products. What is paid for is in neither of them without being marked. */
import { useRecommendations } from '@tributary/client/react';
import { NoRecommendations } from 'films/src/no-recommendations.tsx';
import { Because } from 'films/src/score-parts.tsx';
import { useState } from 'react';
import { departments, products, productsById } from '../catalogue/products.ts';
import { ProductCard } from './product-card.tsx';

const sponsored = products.filter((product) => product.sponsored).map(({ id }) => id);

export function ForYou() {
  const { items, recommendationId, status } = useRecommendations({ count: 6, diversity: 0.2, exclude: sponsored });
  return (
    <section aria-labelledby="for-you">
      <h2 id="for-you">For you</h2>
      {items.length === 0 ? (
        <NoRecommendations status={status} />
      ) : (
        <ul className="cards" data-testid="for-you">
          {items.map(({ id }) => {
            const product = productsById.get(id);
            return product === undefined ? null : (
              <ProductCard key={id} product={product} recommendationId={recommendationId}>
                <Because itemId={id} deed="bought" />
              </ProductCard>
            );
          })}
        </ul>
      )}
    </section>
  );
}

export function AllProducts() {
  const [department, setDepartment] = useState(departments[0]);
  return (
    <section aria-labelledby="all-products">
      <h2 id="all-products">All products</h2>
      <fieldset className="choices">
        <legend className="visually-hidden">Department</legend>
        {departments.map((name) => (
          <button key={name} type="button" aria-pressed={department === name} onClick={() => setDepartment(name)}>
            {name}
          </button>
        ))}
      </fieldset>
      <ul className="cards">
        {products
          .filter((product) => product.department === department)
          .map((product) => (
            <ProductCard key={product.id} product={product}>
              {product.sponsored ? <p className="facts">Also shown as an advertisement</p> : null}
            </ProductCard>
          ))}
      </ul>
    </section>
  );
}
