/** What the endpoint lets a subject do, and all of them together. Each is of one server: several allow several times as much. */
export interface McpBounds {
  /** A request's body. Default 1.5 MiB. */
  bodyBytes: number;
  /** Requests of a subject within a minute. Default 600. */
  requestsPerMinute: number;
  /** Calls, and other requests, of a subject at a time. Default 100. */
  streamsPerSubject: number;
  /** The same of all subjects. Default 1000. */
  streams: number;
  /** How long an answer lasts at most, in seconds: then a client of a revision that can asks for the rest. Default 3600. */
  streamSeconds: number;
}

const DEFAULT_BOUNDS: McpBounds = {
  bodyBytes: 1_572_864,
  requestsPerMinute: 600,
  streamsPerSubject: 100,
  streams: 1000,
  streamSeconds: 3600,
};

export const withDefaults = (bounds: Partial<McpBounds> = {}): McpBounds => ({
  ...DEFAULT_BOUNDS,
  ...bounds,
});
