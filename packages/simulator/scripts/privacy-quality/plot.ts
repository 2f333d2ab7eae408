/** Sampled NDCG@10 by epsilon as SVG: one colour for each prior, a dash for each placement. */
import { epsilons, placements, priors } from './cells.ts';
import type { Run } from './results.ts';
import { meansOf } from './table.ts';

const [width, height] = [680, 400];
const [left, right, top, bottom] = [56, 500, 40, 350];
const [low, high] = [0.2, 0.6];
/** Distinguishable without colour vision. */
const colours = { mean: '#d55e00', attributes: '#0072b2' } as const;
const names = { mean: 'prior: the mean', attributes: 'prior: attributes' } as const;
const who = { central: 'the coordinator', distributed: 'the devices' } as const;

/** Popularity on the same split (docs/benchmarks.md, "Recommendation quality"). */
const popularity = 0.254;

export function qualityPlot(runs: readonly Run[]): string {
  const x = (epsilon: (typeof epsilons)[number]) =>
    left + 30 + (epsilons.indexOf(epsilon) / (epsilons.length - 1)) * (right - left - 60);
  const y = (value: number) => bottom - ((value - low) / (high - low)) * (bottom - top);
  const text = (atX: number, atY: number, content: string, attributes = '') =>
    `<text x="${atX.toFixed(1)}" y="${atY.toFixed(1)}" ${attributes}>${content}</text>`;
  const series = priors.flatMap((prior) =>
    placements.map((placement) => {
      const points = epsilons.flatMap((epsilon) => {
        const own = runs.filter(
          (run) =>
            run.epsilon === epsilon &&
            run.prior === prior &&
            run.clip === 'fixed' &&
            (run.placement === placement || epsilon === null),
        );
        const means = meansOf(own, 'sampled');
        return means ? [[x(epsilon), y(means[1])] as const] : [];
      });
      return { prior, placement, points };
    }),
  );
  const lines = series.flatMap(({ prior, placement, points }) => {
    if (points.length === 0) return [];
    const dashes = placement === 'distributed' ? 'stroke-dasharray="5 4"' : '';
    const path = points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${colours[prior]}" stroke-width="2" ${dashes}/>`,
      ...points.map(([a, b]) => `<circle cx="${a.toFixed(1)}" cy="${b.toFixed(1)}" r="3" fill="${colours[prior]}"/>`),
    ];
  });
  const legend = series.flatMap(({ prior, placement }, i) => {
    const at = top + 20 + 34 * i;
    const dashes = placement === 'distributed' ? 'stroke-dasharray="5 4"' : '';
    return [
      `<path d="M${right + 8},${at - 4}h24" stroke="${colours[prior]}" stroke-width="2" ${dashes}/>`,
      text(right + 38, at, names[prior]),
      text(right + 38, at + 12, `noise of ${who[placement]}`, 'font-size="10"'),
    ];
  });
  const grid = [0.2, 0.3, 0.4, 0.5, 0.6].flatMap((value) => [
    `<path d="M${left},${y(value).toFixed(1)}H${right}" stroke="#ddd"/>`,
    text(left - 8, y(value) + 4, value.toFixed(1).replace(/^0/, ''), 'text-anchor="end"'),
  ]);
  const parts = [
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...grid,
    ...epsilons.map((epsilon) => text(x(epsilon), bottom + 18, String(epsilon ?? 'none'), 'text-anchor="middle"')),
    text((left + right) / 2, height - 12, 'user-level epsilon, delta = 1e-6, 6,040 people', 'text-anchor="middle"'),
    text(left, 22, 'Sampled NDCG@10 on MovieLens-1M, fixed clip norm'),
    `<path d="M${left},${y(popularity).toFixed(1)}H${right}" stroke="#666" stroke-dasharray="2 3"/>`,
    text(right - 4, y(popularity) - 5, 'popularity', 'text-anchor="end" fill="#666"'),
    ...lines,
    ...legend,
  ];
  const title = 'Sampled NDCG@10 by epsilon, for two priors and two placements of the noise';
  const attributes = `viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>\n<title>${title}</title>\n${parts.join('\n')}\n</svg>\n`;
}
