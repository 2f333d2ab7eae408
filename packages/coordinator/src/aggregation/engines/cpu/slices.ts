/** Which thread expands which part of a keystream. */
import { sliceAlignment } from '@tributary/privacy';
import type { SumSection } from '../engine.ts';

/** A part of one section: coordinates [from, from + length). */
export interface SumSlice {
  readonly section: number;
  readonly from: number;
  readonly length: number;
}

/** Slices of about equal size for each thread, at places where a keystream can begin; small sections are not cut. */
export function slicesFor(sections: readonly SumSection[], threads: number): readonly (readonly SumSlice[])[] {
  const plan: SumSlice[][] = Array.from({ length: threads }, () => []);
  sections.forEach(({ length, bits }, section) => {
    const step = sliceAlignment(bits);
    const size = step * Math.max(1, Math.ceil(length / threads / step));
    // Sections that are cut into fewer slices than there are threads begin with the last thread, which has least.
    const slices = Math.ceil(length / size);
    for (let slice = 0; slice < slices; slice++) {
      const from = slice * size;
      plan[(threads - slices + slice) % threads].push({ section, from, length: Math.min(size, length - from) });
    }
  });
  return plan.filter((slices) => slices.length > 0);
}
