/** When a connection has taken what was sent to it: whoever does not read must not make the coordinator hold more and more. */
import type { Socket } from 'socket.io';

/** engine.io's connection, as far as it is needed here. */
interface Transport {
  readonly writeBuffer: readonly unknown[];
  readonly transport: { readonly writable: boolean };
  once(event: 'drain' | 'close', listener: () => void): void;
  off(event: 'drain' | 'close', listener: () => void): void;
}

/** Resolves once everything that was sent is on its way, or the connection is gone. */
export async function drained(socket: Socket): Promise<void> {
  const connection = socket.conn as unknown as Transport;
  while (!socket.disconnected && (connection.writeBuffer.length > 0 || !connection.transport.writable)) {
    await new Promise<void>((resolve) => {
      const done = () => {
        connection.off('drain', done);
        connection.off('close', done);
        resolve();
      };
      connection.once('drain', done);
      connection.once('close', done);
    });
  }
}
