/** How much of a binomial draw a round does not take. */

/** P[Bin(people, rate) < least or > most], summed term by term. @param rate in (0, 1] */
export function binomialOutside(people: number, rate: number, least: number, most: number): number {
  if (rate === 1) return people < least || people > most ? 1 : 0;
  let logMass = people * Math.log1p(-rate);
  let outside = 0;
  for (let count = 0; count <= people; count++) {
    if (count < least || count > most) outside += Math.exp(logMass);
    logMass += Math.log((people - count) / (count + 1)) + Math.log(rate) - Math.log1p(-rate);
  }
  return Math.min(1, outside);
}
