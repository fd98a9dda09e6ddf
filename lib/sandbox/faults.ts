import * as z from "zod";
import { explain } from "../runtime/index.ts";
import { type TroubleStatus, type UpstreamName, upstreamNames } from "./upstream.ts";

/** The longest latency that can be set, in ms: beyond it `hang` says what is meant. */
const MAX_LATENCY_MS = 600_000;
const rate = z.number().min(0).max(1);

const faultSchema = z.strictObject({
  latencyMs: z.number().min(0).max(MAX_LATENCY_MS),
  errorRate: rate,
  rateLimitRate: rate,
  hang: z.boolean(),
});

/** How an upstream misbehaves. Rates are the share of requests, 0 to 1. */
export interface Fault {
  /** Wait before each answer, in ms. */
  latencyMs: number;
  /** Requests answered with a 500; for Postgres, connections refused as "starting up"; for SMTP, 451. */
  errorRate: number;
  /** Requests answered with a 429 and a retry-after of 1 s; for Postgres, "too many connections"; for SMTP, 421. */
  rateLimitRate: number;
  /** Never answer. */
  hang: boolean;
}

const FIELDS = Object.keys(faultSchema.shape);

/** Latencies long enough that a person sees calls overlap, short enough not to bore; in ms. */
const LATENCY_MS: Record<UpstreamName, number> = {
  openai: 300,
  anthropic: 300,
  bedrock: 300,
  tavily: 600,
  "open-meteo": 200,
  frankfurter: 300,
  finnhub: 450,
  postgres: 100,
  smtp: 200,
};

const harmless = (name: UpstreamName): Fault => ({
  latencyMs: LATENCY_MS[name],
  errorRate: 0,
  rateLimitRate: 0,
  hang: false,
});

/** The faults of every upstream, and what they do to the next request. */
export class Faults {
  readonly #faults = new Map(upstreamNames.map((name) => [name, harmless(name)]));

  get(name: UpstreamName): Fault {
    return this.#faults.get(name) ?? harmless(name);
  }

  /** Every upstream's fault by name. */
  all(): Record<UpstreamName, Fault> {
    return Object.fromEntries(this.#faults) as Record<UpstreamName, Fault>;
  }

  /**
   * Sets an upstream's fault; what is left out goes back to its default.
   * @throws TypeError when the upstream or a field is unknown or out of range, listing what there is.
   */
  set(name: string, fault: unknown): Fault {
    const upstream = upstreamNamed(name);
    const parsed = faultSchema.partial().safeParse(fault);
    if (!parsed.success) {
      const problem = unknownField(fault) ?? explain(parsed.error, fault);
      throw new TypeError(`Fault of ${upstream}: ${problem}. Fields: ${FIELDS.join(", ")}.`);
    }
    const next = { ...harmless(upstream), ...(parsed.data as Partial<Fault>) };
    this.#faults.set(upstream, next);
    return next;
  }

  /** Draws whether the next request to an upstream fails, and with which status. */
  draw(name: UpstreamName): TroubleStatus | undefined {
    const { rateLimitRate, errorRate } = this.get(name);
    if (Math.random() < rateLimitRate) return 429;
    return Math.random() < errorRate ? 500 : undefined;
  }
}

/** Names a field that there is not, and the one that is meant if its name begins so: `latency` is `latencyMs`. */
function unknownField(fault: unknown): string | undefined {
  const name = Object.keys(Object(fault)).find((key) => !FIELDS.includes(key));
  if (name === undefined) return undefined;
  const meant = FIELDS.find((field) => name !== "" && field.startsWith(name));
  return `unknown field "${name}"${meant === undefined ? "" : `, it is called ${meant}`}`;
}

/** @throws TypeError when there is no such upstream, listing the ones there are. */
export function upstreamNamed(name: string): UpstreamName {
  const found = upstreamNames.find((upstream) => upstream === name);
  if (!found) throw new TypeError(`Unknown upstream "${name}". Upstreams: ${upstreamNames.join(", ")}.`);
  return found;
}

/**
 * Reads the command line's notation for a fault: `finnhub:latencyMs=500,rateLimitRate=1`, `postgres:hang`. Its fields are
 * the control endpoints' own.
 * @throws TypeError saying what was expected, what came and what there is.
 */
export function parseFault(text: string): { upstream: UpstreamName; fault: Partial<Fault> } {
  const [name = "", settings = ""] = text.split(/:(.*)/s);
  const upstream = upstreamNamed(name.trim());
  if (settings.trim() === "") {
    throw new TypeError(
      `Expected <upstream>:<field>=<value>,… such as finnhub:rateLimitRate=1, got "${text}".`,
    );
  }
  const fault = Object.fromEntries(settings.split(",").map(parseSetting));
  new Faults().set(upstream, fault);
  return { upstream, fault };
}

/** A field by itself is true, which only `hang` can be. */
function parseSetting(setting: string): [string, number | boolean | string] {
  const [field = "", value = "true"] = setting.split("=").map((part) => part.trim());
  if (value === "true" || value === "false") return [field, value === "true"];
  return [field, value === "" || Number.isNaN(Number(value)) ? value : Number(value)];
}
