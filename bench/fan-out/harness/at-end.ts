const ends: (() => unknown)[] = [];

/** Has something stopped or removed at the benchmark's end, whatever ends it; it may be stopped before that. */
export function atEnd(end: () => unknown): void {
  ends.push(end);
}

/** Stops and removes everything, the latest first. */
export async function endAll(): Promise<void> {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
}
