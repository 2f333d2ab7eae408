/** When a connection has taken what was sent to it: whoever does not read must not make the coordinator hold more and more. */
import type { Socket } from 'socket.io';

interface Emitter<Event extends string> {
  once(event: Event, listener: () => void): void;
  off(event: Event, listener: () => void): void;
}

/** engine.io's connection, as far as it is needed here. */
export interface Transport extends Emitter<'drain' | 'upgrade' | 'close'> {
  readonly writeBuffer: readonly unknown[];
  /** `ready` comes when what it was given is written, `drain` of the connection already when it was given. */
  readonly transport: Emitter<'ready'> & { readonly writable: boolean };
}

/** Resolves once everything that was sent is on its way, or the connection is gone. */
export async function drained(socket: Pick<Socket, 'disconnected' | 'conn'>): Promise<void> {
  const connection = socket.conn as unknown as Transport;
  while (!socket.disconnected && (connection.writeBuffer.length > 0 || !connection.transport.writable)) {
    const { transport } = connection;
    await new Promise<void>((resolve) => {
      const done = () => {
        for (const event of ['drain', 'upgrade', 'close'] as const) connection.off(event, done);
        transport.off('ready', done);
        resolve();
      };
      for (const event of ['drain', 'upgrade', 'close'] as const) connection.once(event, done);
      transport.once('ready', done);
    });
  }
}
