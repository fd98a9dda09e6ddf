import * as z from "zod";
import { explain } from "../runtime/index.ts";
import type { Turn, Upstream } from "./upstream.ts";

/** The longest latency that can be set, in ms; for more, use `hang`. */
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
  /** How long to wait before each answer, in ms. */
  latencyMs: number;
  /** Requests answered with a 500, or another protocol's equivalent. */
  errorRate: number;
  /** Requests answered with a 429 and a retry-after of 1 s, or another protocol's equivalent. */
  rateLimitRate: number;
  /** Never answer. */
  hang: boolean;
}

const FIELDS = Object.keys(faultSchema.shape);

/** Every upstream's faults, their effect on the next request, and the number of requests so far. */
export class Faults {
  readonly #harmless: ReadonlyMap<string, Fault>;
  readonly #faults: Map<string, Fault>;
  readonly #requests: Map<string, number>;

  constructor(upstreams: readonly Upstream[]) {
    this.#harmless = new Map(
      upstreams.map(({ name, latencyMs }) => [
        name,
        { latencyMs, errorRate: 0, rateLimitRate: 0, hang: false },
      ]),
    );
    this.#faults = new Map(this.#harmless);
    this.#requests = new Map(upstreams.map(({ name }) => [name, 0]));
  }

  /** @throws TypeError listing the upstreams when there is none with this name. */
  get(name: string): Fault {
    const fault = this.#faults.get(name);
    if (fault) return fault;
    throw new TypeError(`Unknown upstream "${name}". Upstreams: ${[...this.#faults.keys()].join(", ")}.`);
  }

  /** Every upstream's fault by name. */
  all(): Record<string, Fault> {
    return Object.fromEntries(this.#faults);
  }

  /**
   * Sets an upstream's fault; a field that is left out goes back to its default.
   * @throws TypeError listing what is valid when the upstream or a field is unknown or out of range.
   */
  set(name: string, fault: unknown): Fault {
    const harmless = this.#harmless.get(name) ?? this.get(name);
    const parsed = faultSchema.partial().safeParse(fault);
    if (!parsed.success) {
      const problem = unknownField(fault) ?? explain(parsed.error, fault);
      throw new TypeError(`Fault of ${name}: ${problem}. Fields: ${FIELDS.join(", ")}.`);
    }
    const next = { ...harmless, ...(parsed.data as Partial<Fault>) };
    this.#faults.set(name, next);
    return next;
  }

  /** Counts a request to an upstream, and draws how it is answered. */
  turn(name: string): Turn {
    const { latencyMs, hang, rateLimitRate, errorRate } = this.get(name);
    this.#requests.set(name, (this.#requests.get(name) ?? 0) + 1);
    if (Math.random() < rateLimitRate) return { latencyMs, hang, trouble: 429 };
    return { latencyMs, hang, trouble: Math.random() < errorRate ? 500 : undefined };
  }

  /** How many requests each upstream got. */
  requests(): Record<string, number> {
    return Object.fromEntries(this.#requests);
  }
}

/** Names an unknown field, and the field that was probably meant: `latency` begins `latencyMs`. */
function unknownField(fault: unknown): string | undefined {
  const name = Object.keys(Object(fault)).find((key) => !FIELDS.includes(key));
  if (name === undefined) return undefined;
  const meant = FIELDS.find((field) => name !== "" && field.startsWith(name));
  return `unknown field "${name}"${meant === undefined ? "" : `, it is called ${meant}`}`;
}

/**
 * Reads the command line's notation for a fault: `openai:latencyMs=500,rateLimitRate=1`, `openai:hang`. The fields are
 * those of the control endpoints.
 * @throws TypeError saying what was expected, what came and what is valid.
 */
export function parseFault(
  text: string,
  upstreams: readonly Upstream[],
): { upstream: string; fault: Partial<Fault> } {
  const faults = new Faults(upstreams);
  const [name = "", settings = ""] = text.split(/:(.*)/s);
  const upstream = name.trim();
  faults.get(upstream);
  if (settings.trim() === "") {
    throw new TypeError(
      `Expected <upstream>:<field>=<value>,… such as openai:rateLimitRate=1, got "${text}".`,
    );
  }
  const fault = Object.fromEntries(settings.split(",").map(parseSetting));
  faults.set(upstream, fault);
  return { upstream, fault };
}

/** A field without a value is true, which only `hang` can be. */
function parseSetting(setting: string): [string, number | boolean | string] {
  const [field = "", value = "true"] = setting.split("=").map((part) => part.trim());
  if (value === "true" || value === "false") return [field, value === "true"];
  return [field, value === "" || Number.isNaN(Number(value)) ? value : Number(value)];
}
