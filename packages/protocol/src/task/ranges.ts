/** Numbers of a task document, by their range. */
import * as z from 'zod/mini';

export const integer = (minimum: number, maximum: number) => z.number().check(z.int(), z.gte(minimum), z.lte(maximum));
export const real = (minimum: number, maximum: number) => z.number().check(z.gte(minimum), z.lte(maximum));
export const positive = (maximum: number) => z.number().check(z.gt(0), z.lte(maximum));
