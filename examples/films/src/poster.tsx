/** A drawn landscape for each film, from its genre and its id: no picture is fetched. */
import { memo } from 'react';
import type { Film } from '../catalogue/films.ts';

/** Hue of a genre's sky, in degrees. */
const hues: Readonly<Record<string, number>> = {
  Adventure: 28,
  Animation: 190,
  Comedy: 45,
  Crime: 225,
  Documentary: 130,
  Drama: 12,
  Family: 90,
  History: 36,
  Horror: 350,
  Mystery: 262,
  Romance: 330,
  'Science fiction': 205,
  Sport: 160,
};
const width = 160;
const height = 96;

export const Poster = memo(function Poster({ film }: { readonly film: Film }) {
  const draw = numbersOf(film.id);
  const hue = (hues[film.genres[0]] ?? 0) + 16 * draw() - 8;
  const sky = `hsl(${hue} 45% 72%)`;
  const sun = { x: 24 + 112 * draw(), y: 18 + 26 * draw(), radius: 8 + 9 * draw() };
  const hills = [0, 1, 2].map((layer) => ({
    path: hill(44 + 16 * layer, 26 - 6 * layer, draw),
    fill: `hsl(${hue + 12 * layer} ${40 - 4 * layer}% ${54 - 15 * layer}%)`,
  }));
  return (
    <svg className="poster" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <rect width={width} height={height} fill={sky} />
      <circle cx={sun.x} cy={sun.y} r={sun.radius} fill={`hsl(${hue + 30} 70% 90%)`} />
      {hills.map(({ path, fill }) => (
        <path key={fill} d={path} fill={fill} />
      ))}
    </svg>
  );
});

/** A smooth line of four points from edge to edge, closed below. */
function hill(top: number, spread: number, draw: () => number): string {
  const y = () => (top + spread * (draw() - 0.5)).toFixed(1);
  return `M0 ${y()} C40 ${y()} 50 ${y()} 80 ${y()} S130 ${y()} 160 ${y()} V${height} H0 Z`;
}

/** Numbers in [0, 1) that depend on the text alone (FNV-1a, then a linear congruence). */
function numbersOf(text: string): () => number {
  let state = 2_166_136_261;
  for (const character of text) state = Math.imul(state ^ character.charCodeAt(0), 16_777_619);
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}
