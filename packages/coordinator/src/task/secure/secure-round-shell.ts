/**
 * The shell around the server machine of secure aggregation, for one round: what devices send goes in, what it has to say goes
 * out, and the round machine hears how the phases end.
 */
import {
  type CoordinatorMessage,
  type DeviceMessages,
  SecureAggregationError,
  type SecureServer,
} from '@tributary/privacy';
import { RefusalError } from '@tributary/protocol';
import type { SecurePhase } from '../../round/index.ts';
import { ownWords } from '../../telemetry/own-words.ts';
import type { AggregationPort } from '../aggregation.ts';
import type { Device } from '../task.ts';

export interface SecureRoundView {
  /** Devices of the roster. */
  readonly cohort: number;
  /** Out-neighbours of each, and shares that open a secret. */
  readonly neighbours: number;
  readonly threshold: number;
}

export interface SecureRoundShell {
  /** A device's message of the current phase. @throws RefusalError */
  receive<N extends keyof DeviceMessages>(device: string, name: N, message: DeviceMessages[N]): void;
  /** Runs a check of what a device sent: where it does not hold, the device is out of the round. @throws RefusalError */
  checked<T>(device: string, check: () => T): T;
  /** Ends the phase: the answer to the round machine's `advance`. */
  advance(): void;
  /** The device declined the rest of the round. */
  leave(device: string): void;
  /** Shows a device that came back what it may have missed of this phase. */
  show(device: Device): void;
  /** Null until the roster is closed. */
  view(): SecureRoundView | null;
}

const phaseOf = {
  keys: 'keying',
  neighbours: 'drawing',
  shares: 'sharing',
  uploads: 'collecting',
  acknowledgements: 'acknowledging',
  reveals: 'revealing',
  opening: 'releasing',
} as const satisfies Record<SecureServer['phase'], SecurePhase | 'releasing'>;

export function createSecureRoundShell(round: number, server: SecureServer, port: AggregationPort): SecureRoundShell {
  /** The same message to many devices is one object, so that it is encoded once. */
  function contents() {
    const known = new Map<object, object>();
    return (message: CoordinatorMessage['message']): object => {
      const content = known.get(message) ?? { round, ...message };
      known.set(message, content);
      return content;
    };
  }

  function send(device: Device, messages: readonly CoordinatorMessage[], contentOf = contents()): void {
    try {
      for (const { name, message } of messages) device.notify(name, contentOf(message) as never);
    } catch (error) {
      // A message that does not fit costs its device the round, and no other.
      port.failed(error);
    }
  }

  function checked<T>(device: string, check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof SecureAggregationError)) throw error;
      if (error.code === 'out-of-phase') throw new RefusalError('out-of-phase', error.message);
      server.exclude(device);
      port.dispatch({ kind: 'excluded', devices: [device] });
      throw new RefusalError('not-verified', error.message);
    }
  }

  return {
    checked,
    receive(device, name, message) {
      checked(device, () => server.receive(device, name, message));
      port.dispatch({ kind: 'answered', device });
    },
    advance() {
      let messages: ReadonlyMap<string, readonly CoordinatorMessage[]>;
      try {
        ({ messages } = server.advance());
      } catch (error) {
        const known = error instanceof SecureAggregationError;
        // Whatever it was, the round must not wait for ever.
        if (!known) port.failed(error);
        port.dispatch({ kind: 'advance-failed', reason: known ? error.message : ownWords(error) });
        return;
      }
      port.dispatch({ kind: 'advanced', phase: phaseOf[server.phase], devices: server.waiting() });
      const contentOf = contents();
      for (const [id, list] of messages) {
        if (!port.open()) return;
        const device = port.deviceOf(id);
        if (device) send(device, list, contentOf);
        else port.dispatch({ kind: 'device-lost', device: id });
      }
    },
    leave: (device) => server.exclude(device),
    show: (device) => send(device, server.messagesFor(device.id)),
    view() {
      const { graph, rosterSize } = server;
      return graph && { cohort: rosterSize, neighbours: graph.degree, threshold: graph.threshold };
    },
  };
}
