import type { Tributary } from './interface.ts';

/**
 * Resolves when a model has come into use, when the connection that could bring one is made or lost, or when the session is over.
 * @param session resolves when it is over
 */
export function modelOnItsWay(on: Tributary['on'], session: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      for (const off of offs) off();
      resolve();
    };
    const offs = [
      on('version', over),
      on('state', ({ state }) => {
        if (state !== 'connecting') over();
      }),
    ];
    void session.then(over);
  });
}
