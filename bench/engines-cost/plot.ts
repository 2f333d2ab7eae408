/** Keystream made and added a second by size of the model, one line for each engine, both axes logarithmic, as SVG. */

export interface EngineRates {
  readonly name: string;
  /** Bytes a second, for each length. */
  readonly rates: readonly number[];
}

const [width, height] = [720, 400];
const [left, right, top, bottom] = [64, 560, 40, 350];
/** Powers of ten of the vertical axis, in bytes a second. */
const [low, high] = [6, 13];
/** Distinguishable without colour vision. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

/** @param lengths ascending */
export function ratePlot(lengths: readonly number[], engines: readonly EngineRates[]): string {
  const [first, last] = [Math.log10(lengths[0]), Math.log10(lengths[lengths.length - 1])];
  const x = (length: number) => left + ((Math.log10(length) - first) / (last - first)) * (right - left);
  const y = (rate: number) => bottom - ((Math.log10(rate) - low) / (high - low)) * (bottom - top);
  const power = (exponent: number) => `10<tspan dy="-4" font-size="9">${exponent}</tspan>`;
  const parts = [
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...Array.from({ length: high - low + 1 }, (_, i) => low + i).flatMap((exponent) => [
      `<path d="M${left},${y(10 ** exponent).toFixed(1)}H${right}" stroke="#ddd"/>`,
      `<text x="${left - 8}" y="${(y(10 ** exponent) + 4).toFixed(1)}" text-anchor="end">${power(exponent)}</text>`,
    ]),
    ...lengths.map(
      (length) =>
        `<text x="${x(length).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${power(Math.log10(length))}</text>`,
    ),
    `<text x="${(left + right) / 2}" y="${height - 10}" text-anchor="middle">parameters</text>`,
    `<text x="${left}" y="22">bytes of keystream made and added a second</text>`,
    ...engines.flatMap(({ name, rates }, i) => {
      const points = rates.map((rate, at) => `${x(lengths[at]).toFixed(1)},${y(rate).toFixed(1)}`).join(' ');
      const end = y(rates[rates.length - 1]);
      return [
        `<polyline points="${points}" fill="none" stroke="${colours[i]}" stroke-width="2"/>`,
        `<text x="${right + 8}" y="${(end + 4).toFixed(1)}" fill="${colours[i]}">${name}</text>`,
      ];
    }),
  ];
  const attributes = `viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img"`;
  const title = 'Keystream that engines make and add a second, by size of the model';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>\n<title>${title}</title>\n${parts.join('\n')}\n</svg>\n`;
}
