import type { AnyAgent, Client, OutputOf, RunOptions, StartOptions } from "../client/index.ts";
import type { Fault, StandIns } from "../sandbox/index.ts";
import type { Mode } from "./modes.ts";
import type { ModelRequest, Script } from "./script.ts";

/** What `startPlatform` starts; all of it may be left out. */
export interface TestPlatformOptions {
  /** The project's folder. Default: the nearest one from the working folder upwards. */
  root?: string;
  /** What the model replies. Default: the offline model of `npm start`. */
  model?: Script;
  /** How runs are driven. Default: `v7`, as on a laptop. */
  mode?: Mode;
  /** Values of settings and secrets that functions declare, but for those that a stand-in replaces. Default: none. */
  env?: Readonly<Record<string, string>>;
  /**
   * What stands in for the tools' providers, by the tool's name: `{}` for none, or those of which a test reads what they have kept.
   * Default: those of the project's `functions/tools/stand-ins.ts`.
   */
  standIns?: StandIns;
}

/** Faults by provider: a stand-in's, such as `open-meteo`, or a model's: openai, anthropic, google, bedrock. */
export type FaultsByProvider = Readonly<Record<string, Partial<Fault>>>;

/** A project's whole platform, for a test. */
export interface TestPlatform extends AsyncDisposable {
  /**
   * Asks an agent, and waits for what its run returns.
   * @param agent its contract, which types the output, or its name.
   * @throws Error when the script has ended before the run, goes on after it, or does not know the question; FanoutError
   *   with the run's own words when it fails.
   */
  ask<A extends AnyAgent>(
    agent: A | A["name"],
    message: string,
    options?: RunOptions & StartOptions,
  ): Promise<OutputOf<A>>;
  /** `fanout/client`, connected: for conversations, approvals, events, and runs that are not waited for. */
  client: Client;
  /** Has the model follow another script from now on; undefined: it is the offline model again. Forgets `modelRequests`. */
  use(script: Script | undefined): void;
  /** What the model was asked since the start, or since `use`. */
  readonly modelRequests: readonly ModelRequest[];
  /**
   * How often a function was invoked, since the start or `resetInvocations`.
   * @param name of a tool or an agent, or a function's whole name, such as `fanout-lambda-rates-dev`.
   * @throws TypeError listing the names that there are.
   */
  invocations(name: string): number;
  /** Counts from zero again. */
  resetInvocations(): void;
  /** Makes providers misbehave from now on. Those that are not named stay as they are. */
  fail(faults: FaultsByProvider): void;
  /** Ends all faults. */
  recover(): void;
  /** How many requests each provider got. */
  requests(): Record<string, number>;
  /**
   * Kills restate-server and starts it again, with its data.
   * @param whileAway what is to happen before it is started. Default: nothing.
   */
  crashServer(whileAway?: () => Promise<unknown>): Promise<void>;
  /** Kills the processes in which a function works now. @param name Default: all functions, idle ones too. */
  killFunctions(name?: string): void;
  /** Every line that functions have logged, each after its function's name. */
  readonly logs: readonly string[];
  /** Restate's ingress, for requests of your own. */
  ingressUrl: string;
  /** Restate's admin API. */
  adminUrl: string;
  /** The sandbox, whose own endpoints are below `/_control`. */
  sandboxUrl: string;
  /** Ends everything and removes its files, as the end of `await using` does. */
  stop(): Promise<void>;
}
