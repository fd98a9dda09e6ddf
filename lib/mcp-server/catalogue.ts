import type { Agent } from "../agent/index.ts";
import { FanoutError, type RestateAddress } from "../client/index.ts";
import { AdminError, readInputSchema } from "../restate/index.ts";
import type { Tool } from "../tool/index.ts";
import { TOOL_CALLS } from "../tool-calls/index.ts";
import { agentOffer, type Offer, ownHandlerOffer, toolOffer } from "./offer.ts";

/** How long what the deployment said is taken for true, in ms: a new deployment may expose other tools. */
const FRESH_MS = 10_000;
/** For one request, in ms. */
const PATIENCE_MS = 5_000;

/** The contracts of what is offered. */
export interface Contracts {
  tools: readonly Tool[];
  agents: readonly Agent[];
}

/** What clients may call: of the contracts, what the deployment has. */
export class Catalogue {
  readonly #restate: RestateAddress;
  readonly #contracts: Contracts;
  readonly #onError: (error: unknown) => void;
  #read: { at: number; offers: Promise<Offer[]> } | undefined;
  #last: Offer[] | undefined;

  constructor(restate: RestateAddress, contracts: Contracts, onError: (error: unknown) => void) {
    this.#restate = restate;
    this.#contracts = contracts;
    this.#onError = onError;
  }

  /** Everything there is; while the deployment is away, what there was. @throws whatever kept it from being read for the first time. */
  async offers(): Promise<readonly Offer[]> {
    const now = Date.now();
    if (this.#read === undefined || now - this.#read.at > FRESH_MS)
      this.#read = { at: now, offers: this.#readAll() };
    try {
      this.#last = await this.#read.offers;
      return this.#last;
    } catch (error) {
      this.#read = undefined;
      if (this.#last === undefined) throw error;
      this.#onError(error);
      return this.#last;
    }
  }

  async #readAll(): Promise<Offer[]> {
    const { tools, agents } = this.#contracts;
    const exposed = tools.length > 0 ? await this.#exposed() : [];
    return [
      ...tools.filter(({ name }) => exposed.includes(name)).map(toolOffer),
      ...(await Promise.all(agents.map((agent) => this.#agentOffer(agent)))).flat(),
    ];
  }

  /** The names of the tools that the deployment exposes: none where it has no such service, or that is private. */
  async #exposed(): Promise<readonly string[]> {
    const { url, token, fetch = globalThis.fetch } = this.#restate;
    const response = await fetch(`${url}/restate/call/${TOOL_CALLS}/names`, {
      method: "POST",
      headers: token ? { authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((cause) => {
      throw new FanoutError("unavailable", `Restate's ingress at ${url} does not answer.`, { cause });
    });
    if (response.ok) return (await response.json()) as string[];
    const text = await response.text();
    if (response.status === 404 || response.status === 400) return [];
    throw new FanoutError("unavailable", `Restate's ingress at ${url} answered ${response.status}: ${text}`);
  }

  /**
   * Its contract does not say whether an agent has a handler of its own; its service does, to whoever may ask the admin API. One that is
   * not deployed is not offered.
   */
  async #agentOffer(agent: Agent): Promise<Offer[]> {
    const { adminUrl, token } = this.#restate;
    if (adminUrl === undefined) return [agentOffer(agent)];
    const schema = await readInputSchema({ url: adminUrl, token }, agent.name, "run").catch((error) => {
      if (error instanceof AdminError && error.status === 404) return undefined;
      throw error;
    });
    if (schema === undefined) return [];
    const { type, properties } = schema as { type?: string; properties?: object };
    if (type !== "object" || (properties && "message" in properties)) return [agentOffer(agent)];
    return [ownHandlerOffer(agent, { ...(schema as object), type })];
  }
}
