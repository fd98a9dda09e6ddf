/** What the sandbox stands in for: a model provider, or a tool's provider. */
export interface Upstream {
  /** Its name in fault flags, counts and URLs. */
  name: string;
  /** How long it takes to answer unless a fault says otherwise, in ms. */
  latencyMs: number;
}

/** The statuses that faults can cause. */
export type TroubleStatus = 429 | 500;

/** How the next request is answered. */
export interface Turn {
  /** How long to wait before the answer, in ms. */
  latencyMs: number;
  /** Never answer. */
  hang: boolean;
  /** Refuse it: 429 for too many requests, 500 for trouble. */
  trouble: TroubleStatus | undefined;
}

/** Long enough for a person to see calls overlap, short enough not to bore, in ms. */
export const USUAL_LATENCY_MS = 300;

/** The model providers, which the sandbox itself stands in for. */
export const MODEL_PROVIDERS = ["openai", "anthropic", "google", "bedrock"] as const;
