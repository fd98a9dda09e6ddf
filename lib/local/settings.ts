import type { App } from "./deploy.ts";

type Values = Readonly<Record<string, string>>;

export interface SettingsOptions {
  /** A person's values by name, as they are now; an empty one counts as none. */
  own: () => Values;
  /** The stand-ins' values; each counts in place of a person's. */
  standIns: Values;
  /** Tells a person which secrets lack a value. */
  say: (text: string) => void;
}

/** The values that a laptop's functions get for what their contracts declare. */
export class Settings {
  readonly #options: SettingsOptions;
  /** What was said the last time. */
  #said = "";

  constructor(options: SettingsOptions) {
    this.#options = options;
  }

  /** Gives each function a person's values for the names that it declares, and says which secrets have none. */
  fillIn(app: App): App {
    const { standIns, say } = this.#options;
    const own = Object.entries(this.#options.own()).filter(
      ([name, value]) => value !== "" && !Object.hasOwn(standIns, name),
    );
    const missing = missingSecrets(app, { ...standIns, ...Object.fromEntries(own) }).join("\n");
    if (missing !== "" && missing !== this.#said) say(missing);
    this.#said = missing;
    const functions = app.functions.map((spec) => {
      const names = [...(spec.declared?.env ?? []), ...(spec.declared?.secrets ?? [])];
      return { ...spec, settings: Object.fromEntries(own.filter(([name]) => names.includes(name))) };
    });
    return { ...app, functions };
  }
}

/** A line for each function with a secret that has no value. */
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
