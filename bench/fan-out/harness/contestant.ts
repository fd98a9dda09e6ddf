/** A contestant, started. Each file of `contestants` exports a `start` that returns one. */
export interface Contestant {
  /** Runs the agent once. @returns the model's answer. */
  run(prompt: string): Promise<string>;
  /** What its Lambda functions have been sent since the last time. Default: it has no functions. */
  counts?(): Promise<Counts>;
  /** The processes of its functions' execution environments. Default: they have none of their own. */
  pids?(): number[];
  stop(): Promise<void>;
}

/** What a contestant's Lambda functions have been sent. */
export interface Counts {
  agentInvocations: number;
  toolInvocations: number;
  /** Bytes of the agent's requests: its journal, again each time that it is woken. */
  agentBytes: number;
  /** Each of the agent's requests, in their order, where that is known; `at`: when it came. */
  agentRequests?: { at: number; bytes: number }[];
}
