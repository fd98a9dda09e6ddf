import { randomUUID } from "node:crypto";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { answeringFor, type McpOptions } from "./endpoint.ts";
import { serverFor } from "./protocol.ts";

/** Whoever can start the command can do everything. It is the same in each process, so that a key finds its call in the next one. */
const SECRET = "whoever has started it";

/**
 * Serves the tools and agents on this process's stdin and stdout, to the one program that has started it, which may call all of them.
 * @returns what ends it; calls in flight go on.
 */
export function serveMcpOnStdio(
  options: Omit<McpOptions, "authorize" | "secret" | "bounds" | "allowedOrigins">,
): {
  close(): Promise<void>;
} {
  const session = randomUUID();
  const place = answeringFor({ ...options, secret: SECRET });
  const caller = { subject: "stdio", names: undefined, session, whenGivenUp: "nothing" as const };
  return serveStdio(() => serverFor(place, caller), { onerror: options.onError });
}
