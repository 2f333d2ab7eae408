/** How the reference of `@tributary/client` is laid out. */
import type { Group } from './reference.ts';

export const clientReferenceHead = `# API reference: \`@tributary/client\`

Made from the docstrings by \`pnpm api:update\`; do not edit. The [tutorial for app developers](../tutorial-app-developer.md) shows
the calls at work; [client.api.txt](client.api.txt) and its neighbours are the bare surface of each entry. Names without another
entry named come from \`@tributary/client\`.`;

export const clientGroups: readonly Group[] = [
  { title: 'Create an instance', of: ['sdk', 'session'] },
  {
    title: 'Events',
    about: 'What a person does, and what the SDK tells the app.',
    of: ['recommend/journal', 'sdk/events'],
  },
  { title: 'Recommendations', of: ['recommend', 'session/item-texts'] },
  { title: 'Storage', of: ['storage', 'sdk/device-summary', 'sdk/personal-data'] },
  {
    title: 'Conditions',
    about: 'When a device takes part: consent, what it agrees to, and what its surroundings allow.',
    of: ['conditions', 'agreement'],
  },
  { title: 'React', of: ['react', 'react-native'] },
  {
    title: 'Worker',
    about:
      "The entry `@tributary/client/worker` exports nothing: it is the script of a dedicated worker, `new Worker(new URL('@tributary/client/worker', import.meta.url), { type: 'module' })`.",
    of: ['worker'],
  },
  {
    title: 'Training',
    about: 'What a device does in a round, for simulations and tests; an app needs none of it.',
    of: ['training'],
  },
  { title: 'Errors', of: ['errors', 'training/error'] },
];
