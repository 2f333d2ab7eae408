/** Remembers the results for the last few numbers: the tables of a task's noise are the same from round to round. */
export function recent<Result>(compute: (value: number) => Result, most = 8): (value: number) => Result {
  const known = new Map<number, Result>();
  return (value) => {
    const found = known.get(value);
    if (found !== undefined) return found;
    const result = compute(value);
    const [oldest] = known.keys();
    if (known.size >= most && oldest !== undefined) known.delete(oldest);
    known.set(value, result);
    return result;
  };
}
