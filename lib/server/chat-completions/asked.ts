/** A run that answers a request. */
export interface Asked {
  run: string;
  /** The run's id, as its subject knows it. */
  id: string;
  /** The agent's name. */
  model: string;
  /** Whether a stream ends with the tokens that were used. */
  includeUsage: boolean;
  /** Gives back the place that the request takes. */
  leave: () => void;
}

/** Waits for something, but not for long. @returns undefined when it takes longer. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms, undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
