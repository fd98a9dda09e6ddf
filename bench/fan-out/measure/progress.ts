const begun = performance.now();

/** Says on stderr what is being done. */
export function say(what: string): void {
  const seconds = Math.round((performance.now() - begun) / 1000);
  process.stderr.write(`${String(seconds).padStart(5)} s  ${what}\n`);
}
