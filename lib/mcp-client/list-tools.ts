import type { McpContract } from "./contract.ts";
import type { McpServer } from "./define-server.ts";
import { explainFailure } from "./failure.ts";
import { urlSettingOf } from "./names.ts";
import { Session } from "./session.ts";
import { overStdio } from "./stdio.ts";
import { overHttp } from "./transport.ts";

/** How long a server may take to start and to list its tools, in ms. */
const LISTING_MS = 60_000;

/**
 * Asks a server for all of its tools, by its command if it has one.
 * @param name the server's folder.
 * @param options `root`: the project's folder; `settings`: a person's settings and secrets by name, and the programs' `PATH`.
 * @throws ToolError saying why they could not be read.
 */
export async function readTools(
  name: string,
  server: McpServer,
  { root, settings }: { root: string; settings: Readonly<Record<string, string | undefined>> },
): Promise<McpContract[]> {
  const secrets = Object.fromEntries(server.secrets.map((secret) => [secret, settings[secret] ?? ""]));
  const missing = server.secrets.filter((secret) => !secrets[secret]);
  if (missing.length > 0) throw new Error(`${name} needs ${missing.join(" and ")}: put it into .env`);
  const connector =
    server.command === undefined
      ? overHttp(server)
      : overStdio(server, { cwd: root, path: settings.PATH ?? "" });
  const signal = AbortSignal.timeout(LISTING_MS);
  let session: Session | undefined;
  try {
    session = await Session.open(
      connector({ url: settings[urlSettingOf(name)] || server.url, secrets }),
      signal,
    );
    return (await session.listTools(signal)).map(contractOf);
  } catch (cause) {
    throw explainFailure(cause, {
      server: `The MCP server ${name}`,
      mayHaveRun: false,
      retryAfterSeconds: undefined,
    });
  } finally {
    await session?.close();
  }
}

/** What is kept of it: the rest is for people, or for a protocol that is not spoken here. */
const contractOf = ({
  name,
  title,
  description,
  annotations,
  inputSchema,
  outputSchema,
}: Listed): McpContract => ({
  name,
  ...((description ?? title) !== undefined && { description: description ?? title }),
  ...(annotations && { annotations }),
  inputSchema,
  ...(outputSchema && { outputSchema }),
});

type Listed = Awaited<ReturnType<Session["listTools"]>>[number];
