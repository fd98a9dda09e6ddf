import { SettingsError } from "../../deployment/index.ts";

/** How the routes of `functions/server/server.ts` are served. Everything may be left out. */
export interface ServerSettings {
  /**
   * `NONE`: anybody reaches the project's `authorize`, which decides. `AWS_IAM`: only who signs requests with credentials that
   * allow it, such as a backend of your own. Default `NONE`.
   */
  auth?: "NONE" | "AWS_IAM";
  /** Sites whose pages may use the routes, such as `https://app.example.com`. Default: none. */
  corsOrigins?: readonly string[];
  /** How many streams and requests there are at once, 1 to 1000; more are refused. An account's own limit must allow it. Default 50. */
  maxConcurrency?: number;
  /** The function's memory, 128 to 10,240; an open stream is billed for it. Default 256. */
  memoryMb?: number;
  /**
   * How long a stream lasts, 15 to 840; then whoever reads opens it again. A stream whose reader has gone goes on until then, and is
   * billed. Default 120.
   */
  streamSeconds?: number;
}

/** The settings with every default filled in. @throws SettingsError for a number outside its bounds. */
export function serverSettings(given: ServerSettings = {}): Required<ServerSettings> {
  const { auth = "NONE", corsOrigins = [] } = given;
  const number = (name: "maxConcurrency" | "memoryMb" | "streamSeconds", byDefault: number, most: Range) =>
    within(`server: ${name}`, given[name] ?? byDefault, most);
  return {
    auth,
    corsOrigins,
    maxConcurrency: number("maxConcurrency", 50, [1, 1000]),
    memoryMb: number("memoryMb", 256, [128, 10_240]),
    streamSeconds: number("streamSeconds", 120, [15, 840]),
  };
}

type Range = readonly [low: number, high: number];

function within(what: string, value: number, [low, high]: Range): number {
  if (Number.isInteger(value) && low <= value && value <= high) return value;
  throw new SettingsError(`${what}: expected a whole number from ${low} to ${high}, got ${value}.`);
}
