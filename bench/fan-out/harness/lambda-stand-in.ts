import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { functionArn, type Spec } from "../../../lib/lambda-host/index.ts";
import { now } from "./clock.ts";
import type { Counts } from "./contestant.ts";
import { quietConsole } from "./quiet-console.ts";

// biome-ignore lint/suspicious/noExplicitAny: an event is whatever the caller sends.
type Handler = (event: any, context: any) => Promise<unknown>;

const VERSION = "1";
/** More than any function here needs. */
const REMAINING_MS = 150_000;

/** Lambda's Invoke API with all functions in this process: no cold starts, no limits, no network to speak of. */
export interface LambdaStandIn {
  url: string;
  /** Adds a function. */
  add(name: string, handler: Handler | Promise<Handler>): void;
  /** Adds a function from its bundle, as the Lambda host does; its environment becomes this process's. */
  publish(spec: Spec): string;
  arn(name: string): string;
  /** What the function called "agent" and all others have been sent since the last time. */
  counts(): Promise<Counts>;
  stop(): Promise<void>;
}

export async function startLambdaStandIn(): Promise<LambdaStandIn> {
  quietConsole();
  const handlers = new Map<string, Handler | Promise<Handler>>();
  let counts = noCounts();
  const server = createServer(async (request, response) => {
    const name = nameIn(request.url);
    const payload = await read(request);
    count(counts, name, payload.length);
    const headers: Record<string, string> = {
      "content-type": "application/json",
      "x-amz-executed-version": VERSION,
    };
    let body: unknown;
    try {
      const handler = await handlers.get(name);
      if (!handler) throw new Error(`There is no function "${name}"`);
      const context = { functionName: name, getRemainingTimeInMillis: () => REMAINING_MS };
      body = await handler(JSON.parse(payload.toString()), context);
    } catch (error) {
      headers["x-amz-function-error"] = "Unhandled";
      body = { errorType: (error as Error).name, errorMessage: (error as Error).message };
    }
    response.writeHead(200, headers).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (name, handler) => void handlers.set(name, handler),
    publish({ name, codeDir, environment }) {
      Object.assign(process.env, environment);
      handlers.set(name, load(codeDir));
      return VERSION;
    },
    arn: (name) => functionArn(name, VERSION),
    async counts() {
      const taken = counts;
      counts = noCounts();
      return taken;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function load(codeDir: string): Promise<Handler> {
  return ((await import(join(codeDir, "index.mjs"))) as { handler: Handler }).handler;
}

/** The function's name in a request's path, which has its qualified ARN. */
function nameIn(url = ""): string {
  const arn = decodeURIComponent(url.split("/")[3] ?? "");
  return arn.split(":")[6] ?? "";
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const noCounts = () => ({
  agentInvocations: 0,
  toolInvocations: 0,
  agentBytes: 0,
  agentRequests: [] as { at: number; bytes: number }[],
});

function count(counts: ReturnType<typeof noCounts>, name: string, bytes: number): void {
  if (name !== "agent") {
    counts.toolInvocations += 1;
    return;
  }
  counts.agentInvocations += 1;
  counts.agentBytes += bytes;
  counts.agentRequests.push({ at: now(), bytes });
}
