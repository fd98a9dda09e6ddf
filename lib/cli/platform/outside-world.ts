/** A person's settings by name. */
type OwnSettings = Readonly<Record<string, string>>;

/** Whether the functions' models and upstreams are real or the sandbox's. */
interface OutsideWorld {
  /** Replaces the agents' models. */
  model: string | undefined;
  sandbox: { models: boolean; upstreams: boolean };
  /** A person's values for what functions declare; the sandbox's values take precedence. */
  settings: OwnSettings;
  /** One line that says what is real and what is not. */
  description: string;
}

/** The model that is used if there is only an Anthropic key. */
const DEFAULT_ANTHROPIC_MODEL = "anthropic/claude-haiku-4-5";
/** The model that is used if there is only a Gemini key. */
const DEFAULT_GEMINI_MODEL = "google/gemini-3.5-flash";

/**
 * Decides what is real: the model if there is a key (or an OpenAI-compatible server's URL) for it, the tools'
 * providers with `--online`.
 * @param own the person's settings.
 * @param flags `offline`: the sandbox's model even with a key.
 */
export function chooseOutsideWorld(
  own: OwnSettings,
  flags: { online?: boolean; offline?: boolean },
): OutsideWorld {
  const openai = own.OPENAI_API_KEY || own.OPENAI_BASE_URL;
  const anthropic = own.ANTHROPIC_API_KEY;
  const realModel = !flags.offline && Boolean(openai || anthropic || own.GEMINI_API_KEY);
  const keysOwn = anthropic ? DEFAULT_ANTHROPIC_MODEL : DEFAULT_GEMINI_MODEL;
  const model = realModel ? own.FANOUT_MODEL || (openai ? undefined : keysOwn) : undefined;
  // Your own server often needs no key, but the protocol has a field for it.
  const keyless = own.OPENAI_BASE_URL && !own.OPENAI_API_KEY;
  return {
    model,
    sandbox: { models: !realModel, upstreams: !flags.online },
    settings: keyless ? { ...own, OPENAI_API_KEY: "none" } : own,
    description: [
      realModel ? "a real model" : `the offline sandbox model${flags.offline ? "" : " (no API key found)"}`,
      flags.online ? "real upstreams" : "sandbox data",
    ].join(", "),
  };
}

/**
 * A person's settings while the platform runs, read again each time.
 * @param read decides what is real, given the current settings.
 * @param say is told that a change takes effect at the next start: what is real stays as it was decided.
 */
export function settingsWhileRunning(
  started: OutsideWorld,
  read: () => OutsideWorld,
  say: (text: string) => void,
): () => OwnSettings {
  let known = `${started.description} ${started.model}`;
  return () => {
    const now = read();
    const changed = `${now.description} ${now.model}`;
    if (changed !== known) say(`.env: from the next start on there is ${now.description}.`);
    known = changed;
    return now.settings;
  };
}
