/** The SDK of a device, for any runtime with WebSocket and Web Crypto. */
export {
  type Agreement,
  type AgreementOptions,
  agreementOf,
  defaultAgreement,
  type IdentityMode,
  type SecureAgreement,
} from './agreement/agreement.ts';
export type { ConditionsOptions, Obstacle, Surroundings } from './conditions/conditions.ts';
export type { Consent, ConsentStatus } from './conditions/consent.ts';
export * from './errors/index.ts';
export type { AttributeContribution } from './recommend/attribute-contributions.ts';
export type { Explanation, HistoryContribution, WhyNot } from './recommend/explanation.ts';
export type { RecommendedItem } from './recommend/item-list.ts';
export { keptEvents, type TrackedEvent } from './recommend/journal.ts';
export { createModelCache, type ModelCache } from './recommend/model-cache.ts';
export type { ItemFilter, ItemQuery, RecommendQuery } from './recommend/query.ts';
export type { Recommendations } from './recommend/recommend.ts';
export type { Retrieval } from './recommend/retrieval.ts';
export type { SearchResult } from './recommend/search.ts';
export * from './sdk/index.ts';
export type { Backoff } from './session/backoff.ts';
export type { TextOptions } from './session/item-texts.ts';
export * from './storage/index.ts';
export { createTributaryInWorker, type TributaryWorker } from './worker/connect.ts';
export type { WorkerOptions, WorkerOwnOptions } from './worker/messages.ts';
export { serveTributary, type WorkerScope } from './worker/serve.ts';
