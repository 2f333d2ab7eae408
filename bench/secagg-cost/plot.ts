/** CPU seconds by devices as SVG, both axes logarithmic, one colour for each size of model. */
import type { Cost } from './counted.ts';

const [width, height] = [760, 440];
const [left, right, top, bottom] = [64, 640, 40, 390];
/** Powers of ten of the vertical axis, in seconds. */
const [low, high] = [-3, 4];
const lineHeight = 14;
/** Distinguishable without colour vision. */
const colours = ['#0072b2', '#009e73', '#d55e00', '#cc79a7'];

/** @param counted for each size of model the costs by devices, ascending @param measured shown as points */
export function costPlot(counted: readonly (readonly Cost[])[], measured: readonly Cost[]): string {
  const sizes = counted[0].map(({ n }) => n);
  const [first, last] = [Math.log10(sizes[0]), Math.log10(sizes[sizes.length - 1])];
  const x = (n: number) => left + ((Math.log10(n) - first) / (last - first)) * (right - left);
  const y = (seconds: number) => bottom - ((Math.log10(seconds) - low) / (high - low)) * (bottom - top);
  const text = (at: readonly [number, number], content: string, attributes = '') =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${attributes}>${content}</text>`;
  const line = (costs: readonly Cost[], of: 'device' | 'server', colour: string) => {
    const points = costs.map((cost) => `${x(cost.n).toFixed(1)},${y(cost[of]).toFixed(1)}`).join(' ');
    const dashes = of === 'device' ? 'stroke-dasharray="5 4"' : '';
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2" ${dashes}/>`;
  };
  const power = (exponent: number) => `10<tspan dy="-4" font-size="9">${exponent}</tspan>`;
  const labels = apart(
    counted.flatMap((costs, i) => {
      const end = costs[costs.length - 1];
      return [end.server, end.device].map((seconds) => ({ at: y(seconds), d: end.d, colour: colours[i] }));
    }),
  );
  const parts = [
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...Array.from({ length: high - low + 1 }, (_, i) => low + i).flatMap((exponent) => [
      `<path d="M${left},${y(10 ** exponent).toFixed(1)}H${right}" stroke="#ddd"/>`,
      text([left - 8, y(10 ** exponent) + 4], power(exponent), 'text-anchor="end"'),
    ]),
    ...sizes.map((n) => text([x(n), bottom + 18], n.toLocaleString('en'), 'text-anchor="middle"')),
    text([(left + right) / 2, height - 12], 'devices in the round', 'text-anchor="middle"'),
    text([left, 22], 'CPU seconds of one core, one round. Solid: coordinator; dashed: one device; points: measured'),
    ...counted.flatMap((costs, i) => [line(costs, 'server', colours[i]), line(costs, 'device', colours[i])]),
    ...labels.map(({ at, d, colour }) => text([right + 8, at + 4], `d = ${power(Math.log10(d))}`, `fill="${colour}"`)),
    ...measured.flatMap((cost) => {
      const colour = colours[counted.findIndex(([{ d }]) => d === cost.d)];
      return [cost.server, cost.device].map(
        (seconds) => `<circle cx="${x(cost.n).toFixed(1)}" cy="${y(seconds).toFixed(1)}" r="4" fill="${colour}"/>`,
      );
    }),
  ];
  const title = 'CPU seconds of a secure round by devices, for four sizes of model';
  const attributes = `viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>\n<title>${title}</title>\n${parts.join('\n')}\n</svg>\n`;
}

/** Labels beside the ends of their lines, from the top, none over another. */
function apart<Label extends { readonly at: number }>(labels: readonly Label[]): readonly Label[] {
  let free = 0;
  return [...labels]
    .sort((a, b) => a.at - b.at)
    .map((label) => {
      const at = Math.max(label.at, free);
      free = at + lineHeight;
      return { ...label, at };
    });
}
