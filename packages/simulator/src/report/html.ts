/** A run's report as one page that asks the network for nothing: style inside, charts as SVG, the numbers beneath each. */
import { drawChart } from './chart.ts';
import { escapeHtml } from './escape.ts';
import { comparisonTable, type Figure, figuresOf, formatBytes, type Table } from './figures.ts';
import type { RunResult } from './run-result.ts';
import { styleSheet } from './style-sheet.ts';

/** The whole document. Every text that comes from a run is escaped; the page's own policy forbids scripts and requests. */
export async function reportHtml(result: RunResult): Promise<string> {
  const title = `${result.plan.task} on ${result.data.name}`;
  const figures = await Promise.all(figuresOf(result).map(figureHtml));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${styleSheet}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${stopped(result)}<h2>Result</h2>
${tableHtml(comparisonTable(result), 'Every model under both rankings')}
${tableHtml(factsTable(result), 'How it was made')}
${figures.join('\n')}
<h2>Plan</h2>
<details><summary>The task document, defaults filled in</summary>
<pre>${escapeHtml(JSON.stringify(result.plan, null, 2))}</pre></details>
</main>
</body>
</html>
`;
}

function stopped({ stopped: reason }: RunResult): string {
  return reason === null ? '' : `<p role="alert">Stopped before the plan's last round: ${escapeHtml(reason)}</p>\n`;
}

function factsTable(result: RunResult): Table {
  const { data, privacy, bytes } = result;
  const claim =
    privacy.epsilon === null ? 'no claim' : `epsilon ${privacy.epsilon.toFixed(4)} at delta ${privacy.delta}`;
  const rows: (readonly string[])[] = [
    ['data', `${data.name}: ${data.users} users, ${data.items} items, ${data.interactions} interactions`],
    ['split', `${result.split}, ranked by the ${result.evaluatedOn} item`],
    ['seeds', result.seeds.join(', ')],
    ['rounds closed', String(result.rounds)],
    ['seconds', result.seconds.toFixed(1)],
    ['upload, one device and round', formatBytes(bytes.uploadPerDeviceRound)],
    ['download, one device and round', formatBytes(bytes.downloadPerDeviceRound)],
    ['privacy', `${privacy.plan}, ${claim}`],
    ['assumption', privacy.assumption],
    ...secureFacts(privacy),
  ];
  if (privacy.alignment !== undefined) {
    rows.push(['norm of sums over contributions x clip norm, at most', privacy.alignment.toPrecision(3)]);
  }
  if (result.version !== undefined) rows.push(['version', result.version]);
  return { header: ['what', 'value'], rows };
}

/** Of secure aggregation; nothing under the plan `sealed`. */
function secureFacts(privacy: RunResult['privacy']): (readonly string[])[] {
  const { cryptography, cohort, neighbours, threshold, bits, scale, fill } = privacy;
  if (privacy.plan !== 'secure' || cryptography === undefined) return [];
  const run = cryptography
    ? 'run with all its cryptography'
    : 'not run: the integers that it would sum were summed without masks';
  const percent = (share = 0) => `${(100 * share).toFixed(1)} %`;
  return [
    ['secure aggregation', run],
    ['its graph', `${cohort} devices, ${neighbours} neighbours drawn by each, ${threshold} shares open a secret`],
    ['its integers', `${bits} bits, ${scale?.toPrecision(4)} steps a unit`],
    ['range used by sums, at most', percent(fill)],
  ];
}

async function figureHtml(figure: Figure): Promise<string> {
  const chart =
    figure.chart === null
      ? ''
      : `<div class="chart" role="img" aria-label="${escapeHtml(figure.title)}">${await drawChart(figure.chart)}</div>\n`;
  const table = figure.table.rows.length === 0 ? '' : tableHtml(figure.table, `${figure.title}: the numbers`);
  return `<section id="${escapeHtml(figure.id)}">
<h2>${escapeHtml(figure.title)}</h2>
<p>${escapeHtml(figure.caption)}</p>
${chart}${table}
</section>`;
}

function tableHtml({ header, rows }: Table, caption: string): string {
  const head = header.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('');
  const body = rows
    .map(([first, ...rest]) => {
      const cells = rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
      return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`;
    })
    .join('\n');
  return `<div class="table"><table><caption>${escapeHtml(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody></table></div>`;
}
