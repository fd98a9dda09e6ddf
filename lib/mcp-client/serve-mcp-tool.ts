import type { CallToolResult } from "@modelcontextprotocol/client";
import * as z from "zod";
import { implementTool, serve, type Tool, type ToolContext, ToolError } from "../tool/index.ts";
import { readAnswer } from "./answer.ts";
import { explainFailure, isForgottenSession } from "./failure.ts";
import { urlSettingOf } from "./names.ts";
import { Session } from "./session.ts";
import type { Access, Connector } from "./transport.ts";

/** What goes along with a call in `_meta`, so that a server that knows it does not do the same twice. */
const IDEMPOTENCY_KEY = "dev.fanout/idempotencyKey";

/** Makes a tool of an MCP server into the handler of a Lambda function. */
export function serveMcpTool(tool: Tool, connector: Connector) {
  return serve(implementTool(tool, callMcpTool(tool, connector)));
}

/** What such a tool does. Every failure is a ToolError. */
export function callMcpTool(
  tool: Tool,
  connector: Connector,
): (input: Record<string, unknown>, context: Omit<ToolContext, "attempt">) => Promise<unknown> {
  const { server, tool: name } = tool.mcp ?? { server: "", tool: "" };
  const inputSchema = z.toJSONSchema(tool.input, { io: "input" }) as never;
  const sessions = new Sessions(connector);
  return async (input, { signal, env, secrets, idempotencyKey }) => {
    const access = { url: env[urlSettingOf(server)], secrets };
    const meta = { [IDEMPOTENCY_KEY]: idempotencyKey };
    const asked = await sessions.ask(access, signal, (session) =>
      session.call({ name, inputSchema }, input, { signal, meta }),
    );
    if (!asked.failed) return readAnswer(server, asked.answer);
    const { cause, wasSent, retryAfterSeconds } = asked;
    if (signal.aborted) throw new ToolError(`${server} was not waited for any longer`, { cause });
    throw explainFailure(cause, {
      server,
      mayHaveRun: wasSent && tool.effect === "write",
      retryAfterSeconds,
    });
  };
}

/** What became of a request. */
type Asked =
  | { failed?: undefined; answer: CallToolResult }
  | { failed: true; cause: unknown; wasSent: boolean; retryAfterSeconds: number | undefined };

/** An execution environment's session, which is opened when it is first needed. It has one call at a time. */
class Sessions {
  readonly #connector: Connector;
  #session: Session | undefined;
  #connect: ReturnType<Connector> | undefined;
  /** What the connection was made of. */
  #access = "";

  constructor(connector: Connector) {
    this.#connector = connector;
  }

  /** Asks in the session that is open, once more in a new one if the server does not know it any more. */
  async ask(access: Access, signal: AbortSignal, request: Request): Promise<Asked> {
    const wasOpen = this.#isOpen;
    const asked = await this.#askOnce(access, signal, request);
    if (!asked.failed || !wasOpen || !isForgottenSession(asked.cause)) return asked;
    return this.#askOnce(access, signal, request);
  }

  get #isOpen(): boolean {
    return this.#session !== undefined && !this.#session.isOver;
  }

  async #askOnce(access: Access, signal: AbortSignal, request: Request): Promise<Asked> {
    let session: Session | undefined;
    try {
      session = await this.#open(access, signal);
      return { answer: await request(session) };
    } catch (cause) {
      // Whatever state it is in, another try has a new one.
      if (!signal.aborted) await session?.close();
      const { retryAfterSeconds } = session ?? (cause as Partial<Session>);
      return { failed: true, cause, wasSent: session !== undefined, retryAfterSeconds };
    }
  }

  async #open(access: Access, signal: AbortSignal): Promise<Session> {
    const key = JSON.stringify(access);
    if (this.#connect === undefined || key !== this.#access) {
      await this.#session?.close();
      this.#connect = this.#connector(access);
      this.#access = key;
    }
    if (this.#session === undefined || !this.#isOpen) {
      this.#session = await Session.open(this.#connect, signal);
    }
    return this.#session;
  }
}

type Request = (session: Session) => Promise<CallToolResult>;
