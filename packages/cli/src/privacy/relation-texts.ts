/** Relations and assumptions of claims, in words. */
import type { NeighbourRelation, PlannedAssumption } from '@tributary/privacy';

export const relationTexts = {
  'add-remove': 'user-level, add or remove one person',
  replace: "user-level, one person in another's place",
} as const satisfies Record<NeighbourRelation, string>;

export const assumptionTexts = {
  none: 'no sampling is assumed: everybody is charged for every release',
  tree: 'no sampling is assumed: everybody is in one release of each tree at most',
  poisson: 'assumes that each person takes part by a coin of her own, which the reader of the models does not see',
  'fixed-size': 'assumes that an honest coordinator draws each cohort uniformly, unseen by the reader of the models',
} as const satisfies Record<PlannedAssumption, string>;
