/** Said in the place of recommendations where there are none. */
import { type QueryStatus, useConsent } from '@tributary/client/react';

export function NoRecommendations({ status }: { readonly status: QueryStatus }) {
  const { status: consent } = useConsent();
  return <p className="empty">{reasonForNone(consent, status)}</p>;
}

function reasonForNone(consent: string, status: QueryStatus): string {
  if (consent === 'pending') return 'Recommendations need the model, which is fetched once you agree to take part.';
  if (consent === 'denied') return 'You take no part, so no model is fetched. All else works all the same.';
  if (status === 'error') return 'There is no model here yet. It comes with the connection.';
  return status === 'ready' ? 'Nothing is left to recommend.' : 'Fetching the model …';
}
