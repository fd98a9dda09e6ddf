/** The middle one of some values; NaN of none. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The least value that is at least as great as `percent` percent of them, or for 50 the mean of the two middle ones. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (i: number) => sorted[Math.min(Math.max(i, 0), sorted.length - 1)] ?? Number.NaN;
  const place = (percent / 100) * sorted.length;
  return percent === 50 && sorted.length % 2 === 0
    ? (at(place - 1) + at(place)) / 2
    : at(Math.ceil(place) - 1);
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
