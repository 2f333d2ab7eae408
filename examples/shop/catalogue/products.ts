/** The products: what the page shows, and what the coordinator's task is about. Advertisements are products like any other. */
import { productList } from './product-list.ts';

export interface Product {
  readonly id: string;
  readonly title: string;
  readonly department: string;
  readonly brand: string;
  /** [euros] */
  readonly price: number;
  /** Somebody pays for its being shown apart. */
  readonly sponsored: boolean;
  readonly description: string;
}

/** The attribute that marks advertisements. */
export const sponsoredAttribute = 'sponsored';

export const products: readonly Product[] = productList.trim().split('\n').map(productOf);

export const productsById: ReadonlyMap<string, Product> = new Map(products.map((product) => [product.id, product]));

export const departments: readonly string[] = [...new Set(products.map(({ department }) => department))].sort();

function productOf(line: string): Product {
  const [title, department, brand, price, sponsored, description] = line.split('|');
  return {
    id: title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    title,
    department,
    brand,
    price: Number(price),
    sponsored: sponsored === sponsoredAttribute,
    description,
  };
}
