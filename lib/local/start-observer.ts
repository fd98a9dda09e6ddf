/** Follows the progress of a start, for a person who waits. */
export interface StartObserver {
  /** Something worth knowing. */
  notice(text: string): void;
  /** Work begins; `work` names it in a word or two. @returns a function to call when it is done. */
  begin(work: string): () => void;
}

/** Nobody waits. */
export const unobserved: StartObserver = { notice() {}, begin: () => () => {} };

/** Shows work from now until the promise resolves; work that fails never ends. */
export async function during<T>(observer: StartObserver, work: string, promise: Promise<T>): Promise<T> {
  const done = observer.begin(work);
  const value = await promise;
  done();
  return value;
}
