/** The processes that hold a demo's devices, seen from the demo. They end with it, however it ends. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AggregationPlan } from '@tributary/protocol';
import { CommandError } from '../exit/command-error.ts';
import type { FleetCommand, FleetDevice, FleetReport, FleetTraffic, RecommendedItem } from './fleet-messages.ts';

export interface FleetOptions {
  readonly url: string;
  readonly task: string;
  /** The coordinator's public key, hex. */
  readonly coordinatorKey: string;
  readonly plan: AggregationPlan;
  readonly devices: readonly FleetDevice[];
  readonly processes: number;
  /** So many devices have joined. */
  readonly onJoined: (devices: number) => void;
  /** A device had to give up; messages hold no person's data. */
  readonly onFailed: (message: string) => void;
}

export interface Fleet {
  /** What was moved, once every device has heard that the task ended. */
  readonly ended: Promise<FleetTraffic>;
  /** Never resolves; rejects when a process dies before it was told to stop. */
  readonly broken: Promise<never>;
  /** Asks one device what it recommends to its person. */
  recommend(device: number, count: number): Promise<readonly RecommendedItem[]>;
  /** Stops the devices, then the processes. */
  stop(): Promise<void>;
}

/** How long processes may take to stop their devices before they are killed. */
const stopMilliseconds = 5_000;

/** This module's own ending, so that the child runs from source where the demo does. */
const childModule = fileURLToPath(
  new URL(`./fleet-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** Starts the processes and deals the devices out to them in turn. */
export function startFleet(options: FleetOptions): Fleet {
  const { url, task, coordinatorKey, plan, devices, processes, onJoined, onFailed } = options;
  const recommendations = new Map<number, (items: readonly RecommendedItem[]) => void>();
  const children = Array.from({ length: Math.min(processes, devices.length) }, () =>
    fork(childModule, [], { execArgv: process.execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  const killAll = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  process.once('exit', killAll);
  let stopping = false;
  const joined = new Map<ChildProcess, number>();

  let breakUp: (error: CommandError) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    breakUp = reject;
  });
  // It is raced late; a process that dies before must not count as an unhandled rejection.
  broken.catch(() => {});

  const endings = children.map((child, index) => {
    const command: FleetCommand = {
      kind: 'start',
      url,
      task,
      coordinatorKey,
      plan,
      devices: devices.filter((_, place) => place % children.length === index),
    };
    child.send(command);
    return new Promise<FleetTraffic>((resolve) => {
      child.on('message', (message) => {
        const report = message as FleetReport;
        switch (report.kind) {
          case 'joined':
            joined.set(child, report.devices);
            onJoined([...joined.values()].reduce((sum, count) => sum + count, 0));
            break;
          case 'ended':
            resolve(report.traffic);
            break;
          case 'recommended':
            recommendations.get(report.device)?.(report.items);
            recommendations.delete(report.device);
            break;
          case 'failed':
            onFailed(`device ${report.device}: ${report.message}`);
            break;
        }
      });
      child.once('exit', (code, name) => {
        if (stopping) return;
        breakUp(
          new CommandError('unfinished', `A process with devices ended early (${name ?? `code ${code}`}).`, {
            advice: 'What it wrote stands above. Try fewer --devices if memory ran out.',
          }),
        );
      });
    });
  });
  const ended = Promise.all(endings).then(sumTraffic);

  return {
    ended,
    broken,
    recommend(device, count) {
      const place = devices.findIndex((candidate) => candidate.device === device);
      const answer = new Promise<readonly RecommendedItem[]>((resolve) => void recommendations.set(device, resolve));
      const command: FleetCommand = { kind: 'recommend', device, count };
      children[place % children.length].send(command);
      return answer;
    },
    async stop() {
      stopping = true;
      const kill = setTimeout(killAll, stopMilliseconds);
      await Promise.all(
        children.map((child) => {
          if (child.exitCode !== null || child.signalCode !== null) return null;
          const gone = new Promise((resolve) => void child.once('exit', resolve));
          if (child.connected) child.send({ kind: 'stop' } satisfies FleetCommand, () => {});
          else child.kill('SIGKILL');
          return gone;
        }),
      );
      clearTimeout(kill);
      process.off('exit', killAll);
    },
  };
}

function sumTraffic(parts: readonly FleetTraffic[]): FleetTraffic {
  const sum = (field: keyof FleetTraffic) => parts.reduce((total, part) => total + part[field], 0);
  return {
    up: sum('up'),
    modelsDown: sum('modelsDown'),
    cataloguesDown: sum('cataloguesDown'),
    contributions: sum('contributions'),
  };
}
