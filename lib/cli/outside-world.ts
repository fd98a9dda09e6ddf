/** Where the functions' models and upstreams are: in the sandbox, or real. */
export interface OutsideWorld {
  /** Replaces the agents' own model. */
  model: string | undefined;
  sandbox: { models: boolean; upstreams: boolean };
  /** Real values for the functions' declared variables and secrets. */
  environment: Record<string, string>;
  /** One line that says what is real and what is not. */
  description: string;
}

const MODEL_VARIABLES = [
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "OPENAI_API",
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_BASE_URL",
];
const UPSTREAM_VARIABLES = ["FINNHUB_API_KEY", "TAVILY_API_KEY", "DATABASE_URL", "SMTP_URL", "MAIL_FROM"];
/** The model used with nothing but an Anthropic key. */
const DEFAULT_ANTHROPIC_MODEL = "anthropic/claude-haiku-4-5";

/**
 * Decides what is real: the model where a person's environment has a key (or an OpenAI-compatible server's URL) for it,
 * the other upstreams with `--online`.
 * @param environment the person's environment variables.
 * @param flags `offline`: the sandbox's model even with a key.
 */
export function chooseOutsideWorld(
  environment: Readonly<Record<string, string | undefined>>,
  flags: { online?: boolean; offline?: boolean },
): OutsideWorld {
  const openai = environment.OPENAI_API_KEY || environment.OPENAI_BASE_URL;
  const anthropic = environment.ANTHROPIC_API_KEY;
  const realModel = !flags.offline && Boolean(openai || anthropic);
  const model = realModel
    ? (environment.FANOUT_MODEL ?? (openai ? undefined : DEFAULT_ANTHROPIC_MODEL))
    : undefined;
  const names = [...(realModel ? MODEL_VARIABLES : []), ...(flags.online ? UPSTREAM_VARIABLES : [])];
  const values = Object.fromEntries(
    names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  );
  // Servers of one's own often need no key, but the protocol has a field for it.
  if (realModel && environment.OPENAI_BASE_URL) values.OPENAI_API_KEY ??= "none";
  return {
    model,
    sandbox: { models: !realModel, upstreams: !flags.online },
    environment: values,
    description: [
      realModel ? "a real model" : `the offline sandbox model${flags.offline ? "" : " (no API key found)"}`,
      flags.online ? "real upstreams" : "sandbox data",
    ].join(", "),
  };
}
