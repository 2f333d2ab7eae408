/** How far a long command is: a bar on a terminal, now and then a plain line in a log. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  /** @param done steps done in all, of the total. */
  update(done: number, detail?: string): void;
  /** Ends the display; safe to call twice. */
  stop(): void;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar where the stream is a terminal, else lines: the first, the last, and at most one in `secondsBetweenLines`. */
export function startProgress(
  stream: NodeJS.WriteStream | ProgressStream,
  title: string,
  total: number,
  secondsBetweenLines = 5,
  now: () => number = () => performance.now(),
): Progress {
  if (stream.isTTY) return startBar(stream as NodeJS.WriteStream, title, total);
  let last = Number.NEGATIVE_INFINITY;
  let written = -1;
  return {
    update(done, detail = '') {
      const time = now();
      if (done === written || (done < total && time - last < secondsBetweenLines * 1000)) return;
      last = time;
      written = done;
      stream.write(`${title} ${done}/${total}${detail ? ` ${detail}` : ''}\n`);
    },
    stop() {},
  };
}

function startBar(stream: NodeJS.WriteStream, title: string, total: number): Progress {
  const bar = new SingleBar({
    format: `${title} {bar} {value}/{total} {detail}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    stream,
    hideCursor: true,
    // Ctrl-C is answered by the command itself, which also stops the bar.
    gracefulExit: false,
    clearOnComplete: false,
  });
  bar.start(total, 0, { detail: '' });
  let running = true;
  return {
    update(done, detail = '') {
      if (running) bar.update(Math.min(done, total), { detail });
    },
    stop() {
      if (running) bar.stop();
      running = false;
    },
  };
}
