import { EventEmitter } from 'node:events';
import type { Socket } from 'socket.io';
import { describe, expect, it } from 'vitest';
import { drained, type Transport } from './drained.ts';

/** engine.io's order of events: a packet leaves the buffer (`drain`) before it is written (`ready`). */
function connectionWith(packets: number) {
  const transport = Object.assign(new EventEmitter(), { writable: false });
  const connection = Object.assign(new EventEmitter(), { writeBuffer: new Array(packets).fill('packet'), transport });
  const typed: Transport = connection;
  const socket = { disconnected: false, conn: typed as unknown as Socket['conn'] };
  return { transport, connection, socket };
}

/** Whether the promise is resolved when everything that can happen by itself has happened. */
async function settled(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe('a connection is drained', () => {
  it('at once when nothing is under way', async () => {
    const { socket, transport } = connectionWith(0);
    transport.writable = true;
    expect(await settled(drained(socket))).toBe(true);
  });

  it('not before the last packet is written, although it has left the buffer', async () => {
    const { socket, transport, connection } = connectionWith(1);
    const waiting = drained(socket);
    expect(await settled(waiting)).toBe(false);
    connection.writeBuffer = [];
    connection.emit('drain');
    expect(await settled(waiting)).toBe(false);
    transport.writable = true;
    transport.emit('ready');
    expect(await settled(waiting)).toBe(true);
  });

  it('never while its peer does not read', async () => {
    const { socket, transport, connection } = connectionWith(3);
    const waiting = drained(socket);
    for (let left = 2; left > 0; left--) {
      connection.writeBuffer = new Array(left).fill('packet');
      transport.emit('ready');
      connection.emit('drain');
      expect(await settled(waiting)).toBe(false);
    }
  });

  it('when it is gone, and leaves no listener behind', async () => {
    const { socket, transport, connection } = connectionWith(2);
    const waiting = drained(socket);
    expect(connection.eventNames()).not.toEqual([]);
    socket.disconnected = true;
    connection.emit('close');
    expect(await settled(waiting)).toBe(true);
    expect([...connection.eventNames(), ...transport.eventNames()]).toEqual([]);
  });
});
