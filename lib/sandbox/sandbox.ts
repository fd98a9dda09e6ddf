import { Hono, type MiddlewareHandler } from "hono";
import { controlEndpoints } from "./control.ts";
import { environmentFor, type SandboxEnvironment } from "./environment.ts";
import { type Fault, Faults } from "./faults.ts";
import { gate } from "./gate.ts";
import { serveOnLoopback } from "./loopback.ts";
import { type ModelScript, startMocks } from "./models.ts";
import { planner } from "./planner/planner.ts";
import { isModel, type UpstreamName, upstreamNames } from "./upstream.ts";
import { finnhub } from "./upstreams/finnhub.ts";
import { frankfurter } from "./upstreams/frankfurter.ts";
import { openMeteo } from "./upstreams/open-meteo.ts";
import { startPostgres } from "./upstreams/postgres.ts";
import { type CaughtMail, startSmtp } from "./upstreams/smtp.ts";

/** What {@link startSandbox} takes. */
export interface SandboxOptions {
  /** The HTTP port. Default: one that is free. */
  port?: number;
  /** Faults from the start. Default: none but a small latency. */
  faults?: Partial<Record<UpstreamName, Partial<Fault>>>;
  /** The upstreams to stand in for. Default: all. */
  only?: readonly UpstreamName[];
  /** What the model answers. Default: the rule-based planner. */
  model?: ModelScript;
}

/** A running sandbox, on loopback only. */
export interface Sandbox {
  /** `http://127.0.0.1:<port>`; each HTTP upstream is at `/<name>`, the control endpoints at `/_control`. */
  url: string;
  /** Undefined unless Postgres was asked for. */
  postgresUrl: string | undefined;
  environment: SandboxEnvironment;
  faults: Faults;
  /** How many requests each upstream got; for Postgres, connections; for SMTP, mails. */
  requests(): Record<UpstreamName, number>;
  /** The mails that were caught, oldest first. */
  mail(): CaughtMail[];
  /** Drops every connection and ends everything that was started. */
  stop(): Promise<void>;
}

/**
 * Starts the sandbox: local stand-ins for the model providers, Tavily, Open-Meteo, Frankfurter, Finnhub, Postgres and
 * a mail server that speak the real wire formats.
 * @throws TypeError for a fault that does not exist; the listener's error when the port is taken.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { only = upstreamNames } = options;
  const sampleData = only.some((name) => !isModel(name));
  const model = options.model ?? planner(sampleData);
  const faults = new Faults();
  for (const [name, fault] of Object.entries(options.faults ?? {})) faults.set(name, fault);
  const closing = new AbortController();
  const counts = Object.fromEntries(upstreamNames.map((name) => [name, 0])) as Record<UpstreamName, number>;
  const requests = () => ({ ...counts });
  const countOf = (name: UpstreamName) => () => void counts[name]++;

  const mocks = await startMocks(model, closing.signal);
  const postgres = only.includes("postgres") ? await startPostgres(faults, countOf("postgres")) : undefined;
  const smtp = only.includes("smtp") ? await startSmtp(faults, countOf("smtp")) : undefined;
  const mail = () => smtp?.mail() ?? [];
  const app = new Hono().route("/_control", controlEndpoints(faults, requests, mail));
  for (const upstream of [...mocks.upstreams, openMeteo, frankfurter, finnhub]) {
    if (!only.includes(upstream.name)) continue;
    app.use(`/${upstream.name}/*`, labelled, gate(upstream, faults, countOf(upstream.name), closing.signal));
    app.route(`/${upstream.name}`, upstream.app);
  }
  const parts = [mocks, postgres, smtp].filter((part) => part !== undefined);
  const http = await serveOnLoopback(app, options.port).catch(async (error) => {
    await Promise.all(parts.map((part) => part.stop()));
    throw error;
  });
  const stop = async () => {
    closing.abort();
    await Promise.all([http, ...parts].map((part) => part.stop()));
  };
  const environment = environmentFor(http.url, { postgres: postgres?.url, smtp: smtp?.url }, only);
  return { url: http.url, postgresUrl: postgres?.url, environment, faults, requests, mail, stop };
}

/** Marks every answer as the sandbox's. */
const labelled: MiddlewareHandler = async (c, next) => {
  await next();
  c.header("x-sandbox", "true");
};
