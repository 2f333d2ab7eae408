/** A run's report as files: JSON for programs, CSV for tables, HTML for people. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { roundsCsv } from './csv.ts';
import { reportHtml } from './html.ts';
import type { RunResult } from './run-result.ts';

export interface ReportFiles {
  readonly json: string;
  readonly csv: string;
  readonly html: string;
}

/** Writes `result.json`, `rounds.csv` and `report.html` into the folder, which is made if need be; returns their paths. */
export async function writeReport(folder: string, result: RunResult): Promise<ReportFiles> {
  await mkdir(folder, { recursive: true });
  const files = {
    json: join(folder, 'result.json'),
    csv: join(folder, 'rounds.csv'),
    html: join(folder, 'report.html'),
  };
  await writeFile(files.json, `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(files.csv, roundsCsv(result));
  await writeFile(files.html, await reportHtml(result));
  return files;
}
