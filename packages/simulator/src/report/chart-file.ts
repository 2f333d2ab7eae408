/** A chart as a file of its own: with the colours that a page would give it, light and dark. */
import type { TopLevelSpec } from 'vega-lite';
import { drawChart } from './chart.ts';
import { colourStyles } from './style-sheet.ts';

/** As vega-lite has it. */
export type ChartSpecification = TopLevelSpec;

/** @returns a complete SVG document */
export async function chartFile(specification: ChartSpecification): Promise<string> {
  const svg = await drawChart(specification);
  const style = `<style>${colourStyles} svg { color: var(--text); background: var(--page); }</style>`;
  return `${svg.replace(/^<svg[^>]*>/, (opening) => `${opening}\n${style}`)}\n`;
}
