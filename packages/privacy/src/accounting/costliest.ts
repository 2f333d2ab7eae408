/** What one person spends on releases of which she is in some number at most. */

/** Costs of releases, each with how many there are of it. */
export type CountedCosts = readonly { readonly cost: number; readonly count: number }[];

/** The sum of the costliest `most`: no choice of as many costs more, made beforehand or along the way. */
export function costliest(costs: CountedCosts, most: number): number {
  let [sum, left] = [0, most];
  for (const { cost, count } of [...costs].sort((a, b) => b.cost - a.cost)) {
    const taken = Math.min(left, count);
    if (taken === 0) break;
    sum += taken * cost;
    left -= taken;
  }
  return sum;
}
