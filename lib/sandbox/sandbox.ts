import { Hono } from "hono";
import { controlEndpoints } from "./control.ts";
import { openDouble, settingsOf } from "./doubles.ts";
import { type Fault, Faults } from "./faults.ts";
import { serveOnLoopback } from "./loopback.ts";
import { type ModelScript, startModels } from "./models.ts";
import { planner } from "./planner/planner.ts";
import { providersOf, upstreamsOf } from "./providers.ts";
import type { Provider, StandIns } from "./stand-in.ts";

/** The options of {@link startSandbox}. */
interface SandboxOptions {
  /** The tools' stand-ins. Default: none. */
  standIns?: StandIns;
  /** Whether to stand in for the model providers. Default: true. */
  models?: boolean;
  /** Whether to stand in for the tools' providers; without them the model still knows the stand-ins' words. Default: true. */
  upstreams?: boolean;
  /** The HTTP port. Default: any free one. */
  port?: number;
  /** Faults from the start, by the upstream's name. Default: only each upstream's latency. */
  faults?: Readonly<Record<string, Partial<Fault>>>;
  /** What the model answers. Default: the rule-based planner. */
  model?: ModelScript;
}

/** A running sandbox, on loopback only. */
export interface Sandbox {
  /** `http://127.0.0.1:<port>`; each HTTP double is at `/<provider>`, the control endpoints at `/_control`. */
  url: string;
  /** Values for the functions' declared variables and secrets that make them use the sandbox. */
  environment: {
    /** The model providers'. */
    models: Record<string, string>;
    /** The tools' providers'. */
    upstreams: Record<string, string>;
  };
  faults: Faults;
  /** How many requests each upstream got; an upstream with its own server counts them itself. */
  requests(): Record<string, number>;
  /** Drops every connection and ends everything that was started. */
  stop(): Promise<void>;
}

/**
 * Starts the sandbox, which stands in for the model providers and the tools' providers and speaks their wire formats.
 * @throws TypeError for a fault that does not exist, or for stand-ins that conflict; the listener's error when the port is
 *   taken.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const faults = new Faults(upstreamsOf(options.standIns ?? {}));
  for (const [name, fault] of Object.entries(options.faults ?? {})) faults.set(name, fault);
  const closing = new AbortController();
  const running: Part[] = [];
  const stop = async () => {
    closing.abort();
    await Promise.all(running.splice(0).map((part) => part.stop()));
  };
  try {
    const started = await start(options, faults, running, closing.signal);
    return { ...started, faults, requests: () => faults.requests(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Part {
  stop(): Promise<void>;
}

/** @param running gets each part as soon as it runs, so that it can be stopped whatever becomes of the others. */
async function start(
  {
    standIns = {},
    models = true,
    upstreams = true,
    model = planner(standIns, upstreams),
    port,
  }: SandboxOptions,
  faults: Faults,
  running: Part[],
  closing: AbortSignal,
): Promise<Pick<Sandbox, "url" | "environment">> {
  const keep = <T extends Part>(part: T): T => {
    running.push(part);
    return part;
  };
  const site = { app: new Hono(), control: controlEndpoints(faults), faults, closing };
  const open = async (providers: readonly Provider[]) => {
    const doubles = [];
    for (const provider of providers) doubles.push(keep(await openDouble(provider, site)));
    return doubles;
  };
  const offline = await open(models ? keep(await startModels(model, closing)).providers : []);
  const ofTools = await open(upstreams ? providersOf(standIns) : []);
  site.app.route("/_control", site.control);
  const { url } = keep(await serveOnLoopback(site.app, port));
  // Together, because a setting that two of them replace would be ambiguous.
  settingsOf([...offline, ...ofTools], url);
  return { url, environment: { models: settingsOf(offline, url), upstreams: settingsOf(ofTools, url) } };
}
