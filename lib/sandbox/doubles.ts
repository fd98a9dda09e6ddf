import type { Hono, MiddlewareHandler } from "hono";
import type { Faults } from "./faults.ts";
import { gate } from "./gate.ts";
import type { Provider } from "./stand-in.ts";

/** What doubles are attached to. */
interface Site {
  /** Gets the HTTP doubles, each at `/<provider>`. */
  app: Hono;
  /** Gets the endpoints through which people inspect doubles. */
  control: Hono;
  /** Decides how each request is answered. */
  faults: Faults;
  /** Aborts when the sandbox stops. */
  closing: AbortSignal;
}

/** A running double. */
interface Double {
  name: string;
  /** The settings that make tools use it. */
  env(sandboxUrl: string): Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts a provider's double. @throws Error naming the provider when its server does not start. */
export async function openDouble(provider: Provider, site: Site): Promise<Double> {
  const { name } = provider;
  const nextTurn = () => site.faults.turn(name);
  if ("app" in provider) {
    site.app.use(`/${name}/*`, labelled, gate(provider, nextTurn, site.closing));
    site.app.route(`/${name}`, provider.app);
    return { name, env: (url) => provider.env(`${url}/${name}`), stop: async () => {} };
  }
  const { env, control, stop } = await provider.start(nextTurn).catch((cause: Error) => {
    throw new Error(`The stand-in for ${name} does not start: ${cause.message}`, { cause });
  });
  if (control) site.control.route("/", control);
  return { name, env: () => env, stop };
}

/** Marks every answer as the sandbox's. */
const labelled: MiddlewareHandler = async (c, next) => {
  await next();
  c.header("x-sandbox", "true");
};

/**
 * The settings that doubles replace.
 * @throws TypeError naming a setting that two of them replace.
 */
export function settingsOf(doubles: readonly Double[], sandboxUrl: string): Record<string, string> {
  const settings: Record<string, string> = {};
  const owners = new Map<string, string>();
  for (const { name, env } of doubles) {
    for (const [setting, value] of Object.entries(env(sandboxUrl))) {
      const owner = owners.get(setting);
      if (owner !== undefined) {
        throw new TypeError(
          `${setting} is replaced by the stand-ins for ${owner} and ${name}. Expected one of them.`,
        );
      }
      owners.set(setting, name);
      settings[setting] = value;
    }
  }
  return settings;
}
