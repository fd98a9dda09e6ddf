import type { Fault, StandIn } from "../sandbox/index.ts";

/** The running double of a tool's provider. */
export interface RunningStandIn extends AsyncDisposable {
  /** The tool's settings and secrets that make it use the stand-in: `runTool(service, input, { env })`. */
  env: Readonly<Record<string, string>>;
  /** Where an HTTP double is. */
  url: string;
  /** Where a server's own endpoints are, such as the mail that it has caught. */
  controlUrl: string;
  /** How many requests it got. */
  requests(): number;
  /** Misbehaves from now on, as with `fanout up --fault`; a field that is left out is as in `recover`. */
  fail(fault: Partial<Fault>): void;
  /** Answers at once again, without a fault, as in the beginning. */
  recover(): void;
  /** Ends it, as leaving the block of `await using` does. */
  stop(): Promise<void>;
}

/** Without the latency that is there for people to see. */
export const AT_ONCE = { latencyMs: 0 } as const;

/**
 * Starts a tool's own stand-in on a free port of this machine, for a test of the tool:
 * `await using provider = await startStandIn(standIn)`.
 * @throws TypeError for one that has only words.
 */
export async function startStandIn({ provider }: StandIn): Promise<RunningStandIn> {
  if (!provider)
    throw new TypeError("startStandIn takes a stand-in with a provider, got one with only words.");
  // What a tool without a provider needs is little, and soon loaded.
  const { startSandbox } = await import("../sandbox/index.ts");
  const { name } = provider;
  const sandbox = await startSandbox({
    standIns: { [name]: { provider } },
    models: false,
    faults: { [name]: AT_ONCE },
  });
  return {
    env: sandbox.environment.upstreams,
    url: `${sandbox.url}/${name}`,
    controlUrl: `${sandbox.url}/_control`,
    requests: () => sandbox.requests()[name] ?? 0,
    fail: (fault) => void sandbox.faults.set(name, { ...AT_ONCE, ...fault }),
    recover: () => void sandbox.faults.set(name, AT_ONCE),
    stop: sandbox.stop,
    [Symbol.asyncDispose]: sandbox.stop,
  };
}
