import type { Provider, StandIns } from "./stand-in.ts";
import { MODEL_PROVIDERS, type Upstream, USUAL_LATENCY_MS } from "./upstream.ts";

/**
 * Everything that the sandbox can stand in for: the model providers, then the stand-ins' providers in their order.
 * @throws TypeError naming two tools whose stand-ins are different doubles of the same provider.
 */
export function upstreamsOf(standIns: StandIns): Upstream[] {
  const models = MODEL_PROVIDERS.map((name) => ({ name, latencyMs: USUAL_LATENCY_MS }));
  return [...models, ...providersOf(standIns)];
}

/** The providers of the stand-ins, each once. @throws TypeError as `upstreamsOf` does. */
export function providersOf(standIns: StandIns): Provider[] {
  const found = new Map<string, { tool: string; provider: Provider }>();
  for (const [tool, { provider }] of Object.entries(standIns)) {
    if (provider === undefined) continue;
    const before = found.get(provider.name);
    if (before !== undefined && before.provider !== provider) {
      throw new TypeError(
        `${before.tool} and ${tool} each have a stand-in for "${provider.name}". One is enough: ` +
          "a setting that it replaces is replaced for every tool that declares it.",
      );
    }
    found.set(provider.name, { tool, provider });
  }
  return [...found.values()].map(({ provider }) => provider);
}
