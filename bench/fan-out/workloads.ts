/** One run: `turns` model replies ask for `calls` tool calls each, and one more reply is the answer. */
export interface Workload {
  turns: number;
  calls: number;
  /** How long a call takes. */
  callMs: number;
  /** How long the first call of a turn takes. Default: as long as the others. */
  slowMs?: number;
}

/** How long the model takes for a reply. */
export const MODEL_MS = 50;

/** What the contestants race over, by name. */
export const WORKLOADS: Readonly<Record<string, Workload>> = {
  "W1 N=1": { turns: 1, calls: 1, callMs: 100 },
  "W1 N=8": { turns: 1, calls: 8, callMs: 100 },
  "W1 N=32": { turns: 1, calls: 32, callMs: 100 },
  "W1 N=128": { turns: 1, calls: 128, callMs: 100 },
  "W2 R=1": { turns: 1, calls: 5, callMs: 50 },
  "W2 R=5": { turns: 5, calls: 5, callMs: 50 },
  "W2 R=10": { turns: 10, calls: 5, callMs: 50 },
  W3: { turns: 1, calls: 8, callMs: 100, slowMs: 1000 },
};

/** What each of many runs at once does. */
export const LOAD_WORKLOAD: Workload = { turns: 1, calls: 8, callMs: 100 };

/** What one call of a workload is asked for: its number within the turn, and how long it is to take. */
export const callOf = ({ callMs, slowMs = callMs }: Workload, i: number): { i: number; ms: number } => ({
  i,
  ms: i === 0 ? slowMs : callMs,
});

/** What the model found in the results that it was given. */
export interface Answer {
  /** How many results there were; a call that failed or timed out has none. */
  results: number;
  /** The sum of the calls' numbers. */
  sum: number;
}

/** The answer when every result of every turn has reached the model once. */
export const rightAnswer = ({ turns, calls }: Workload): Answer => ({
  results: turns * calls,
  sum: (turns * calls * (calls - 1)) / 2,
});
