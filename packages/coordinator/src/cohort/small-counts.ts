/** Small counts tell of single people: below the minimum cohort they are not shown. */

/** A round's reason in words, its leading count hidden when it is below the minimum. */
export function withoutSmallCount(reason: string, minimum: number): string {
  return reason.replace(/^\d+(?= (?:devices|contributions) )/, (count) =>
    Number(count) < minimum ? `fewer than ${minimum}` : count,
  );
}
