/** Runs one benchmark file in a process of its own, so that no benchmark runs on another's heap. The rows go to the parent. */
import { pathToFileURL } from 'node:url';
import type { BenchRow } from './bench-row.ts';

const module = (await import(pathToFileURL(process.argv[2]).href)) as { rows?: () => Promise<readonly BenchRow[]> };
if (typeof module.rows !== 'function') throw new TypeError(`${process.argv[2]} exports no function rows().`);
process.send?.(await module.rows(), () => process.disconnect());
