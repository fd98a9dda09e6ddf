import { createHash } from "node:crypto";
import { type App, declaredOf } from "./app.ts";

type Values = Readonly<Record<string, string>>;

interface SettingsOptions {
  /** The person's current values by name; an empty one counts as missing. */
  own: () => Values;
  /** The stand-ins' values; each takes precedence over the person's. */
  standIns: Values;
  /** Tells a person which secrets lack a value. */
  say: (text: string) => void;
}

/** A person's values for what a laptop's functions declare. */
export class Settings {
  readonly #options: SettingsOptions;
  /** What was said last. */
  #said = "";

  constructor(options: SettingsOptions) {
    this.#options = options;
  }

  /** Says which secrets have no value, and gives each function a digest that changes with its values. */
  applyTo(app: App): App {
    const { standIns, say } = this.#options;
    const entries = Object.entries(this.#options.own());
    const own = Object.fromEntries(entries.filter(([name]) => !Object.hasOwn(standIns, name)));
    const missing = missingSecrets(app, { ...own, ...standIns }).join("\n");
    if (missing !== "" && missing !== this.#said) say(missing);
    this.#said = missing;
    const functions = app.functions.map((fn) => ({
      ...fn,
      settingsDigest: createHash("sha256")
        .update(JSON.stringify(declaredOf(fn, own)))
        .digest("hex"),
    }));
    return { ...app, functions };
  }
}

/** A line for each function with a secret without a value. */
function missingSecrets({ functions, registrations }: App, values: Values): string[] {
  return functions.flatMap(({ name, declared }) => {
    const missing = (declared?.secrets ?? []).filter((secret) => !values[secret]);
    const service = registrations.find(({ functionName }) => functionName === name)?.service ?? name;
    if (missing.length === 0) return [];
    return [
      `${service} needs ${missing.join(" and ")}: put ${missing.length === 1 ? "it" : "them"} into .env`,
    ];
  });
}
