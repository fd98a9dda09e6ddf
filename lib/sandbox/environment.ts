import { isModel, type UpstreamName } from "./upstream.ts";

/** Values for the functions' declared variables and secrets that make them use the sandbox. */
export interface SandboxEnvironment {
  /** The model providers'. Leave them out to ask a real model. */
  models: Record<string, string>;
  /** The other upstreams'. Leave them out to ask the real providers. */
  upstreams: Record<string, string>;
}

/** The sandbox takes any key; this is the one it hands out. */
const KEY = "sandbox-key";

/** Makes the environment for the upstreams that were started. */
export function environmentFor(
  url: string,
  others: { postgres: string | undefined; smtp: string | undefined },
  names: readonly UpstreamName[],
): SandboxEnvironment {
  const values: Record<UpstreamName, Record<string, string>> = {
    openai: { OPENAI_BASE_URL: `${url}/openai/v1`, OPENAI_API_KEY: KEY },
    anthropic: { ANTHROPIC_BASE_URL: `${url}/anthropic/v1`, ANTHROPIC_API_KEY: KEY },
    bedrock: { BEDROCK_BASE_URL: `${url}/bedrock` },
    tavily: { TAVILY_URL: `${url}/tavily`, TAVILY_API_KEY: KEY },
    "open-meteo": { OPEN_METEO_GEOCODING_URL: `${url}/open-meteo`, OPEN_METEO_URL: `${url}/open-meteo` },
    frankfurter: { FRANKFURTER_URL: `${url}/frankfurter` },
    finnhub: { FINNHUB_URL: `${url}/finnhub`, FINNHUB_API_KEY: KEY },
    postgres: others.postgres === undefined ? {} : { DATABASE_URL: others.postgres },
    smtp: others.smtp === undefined ? {} : { SMTP_URL: others.smtp },
  };
  const merged = (some: readonly UpstreamName[]): Record<string, string> =>
    Object.assign({}, ...some.map((name) => values[name]));
  return {
    models: merged(names.filter(isModel)),
    upstreams: merged(names.filter((name) => !isModel(name))),
  };
}
