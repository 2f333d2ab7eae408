/** Charts as SVG text, drawn without a browser: vega-lite describes them, vega draws them. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** Colours are the page's, by CSS variables, so that one drawing serves light and dark. */
const config = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  axis: {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    domainColor: 'var(--rule)',
    tickColor: 'var(--rule)',
    gridColor: 'var(--rule)',
    titleFontWeight: 'normal',
  },
  header: { labelColor: 'currentColor', titleColor: 'currentColor', labelFontSize: 12 },
  legend: { labelColor: 'currentColor', titleColor: 'currentColor', orient: 'bottom' },
  view: { stroke: null },
};

/** Named in the page's style sheet; distinguishable without colour vision, and each has its own dash beside it. */
export const seriesColours = ['var(--series-1)', 'var(--series-2)', 'var(--series-3)', 'var(--series-4)'] as const;
export const seriesDashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]] as const;

/** @returns an `<svg>` element as text; what it shows is escaped by the drawing library. */
export async function drawChart(specification: TopLevelSpec): Promise<string> {
  const { spec } = compile({ ...specification, config } as TopLevelSpec, { logger: silent });
  const view = new View(parse(spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

const silent = {
  level: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
  error: (...messages: readonly unknown[]): never => {
    throw new Error(messages.map(String).join(' '));
  },
} as never;
