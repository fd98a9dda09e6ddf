/** npm passes the terminal's Ctrl-C on to us, who have it already: this soon after it, in ms. */
const REPEATED_WITHIN_MS = 500;

/** Calls `onInterrupt` at each Ctrl-C while `work` is going on. */
export async function whileInterruptible<T>(onInterrupt: () => void, work: () => Promise<T>): Promise<T> {
  let last = Number.NEGATIVE_INFINITY;
  const heed = () => {
    const now = performance.now();
    if (now - last < REPEATED_WITHIN_MS) return;
    last = now;
    onInterrupt();
  };
  process.on("SIGINT", heed);
  try {
    return await work();
  } finally {
    process.off("SIGINT", heed);
  }
}
