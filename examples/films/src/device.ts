/** How this page's device takes part. */
import type { TributaryOptions } from '@tributary/client';

/** Consent is pending at first: nothing is sent, and nothing fetched from the coordinator, before the person agrees. */
export function filmsOptions(): TributaryOptions {
  return {
    // The coordinator is behind the page's own origin.
    url: location.origin,
    task: 'films',
    // Rounds follow each other in seconds here, so that there is something to see; leave this out in an app.
    agreement: { secure: { rostersPerDay: 100_000 } },
  };
}
