import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/**
 * The path of restate-server's binary in `node_modules`. The package's own command is a wrapper around it, which would
 * put a second process between us and the server.
 * @throws Error if npm has no binary for this system.
 */
export function restateServerBinary(): string {
  const launcher = createRequire(import.meta.url).resolve("@restatedev/restate-server/package.json");
  const binary = `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
  try {
    return createRequire(launcher).resolve(binary);
  } catch (cause) {
    throw new Error(
      `restate-server has no binary for ${process.platform}-${process.arch} in node_modules. npm has linux and darwin, x64 and arm64; was it installed with optional dependencies?`,
      { cause },
    );
  }
}

/** The version of the restate-server in `node_modules`. */
export function restateServerVersion(): string {
  const file = createRequire(import.meta.url).resolve("@restatedev/restate-server/package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
