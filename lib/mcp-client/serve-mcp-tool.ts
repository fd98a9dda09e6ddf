import * as z from "zod";
import { implementTool, serve, type Tool, ToolError } from "../tool/index.ts";
import { readAnswer } from "./answer.ts";
import { explainFailure, isForgottenSession } from "./failure.ts";
import { urlSettingOf } from "./names.ts";
import { Session } from "./session.ts";
import type { Access, Connector } from "./transport.ts";

/** What goes along with a call in `_meta`, so that a server that knows it does not do the same twice. */
const IDEMPOTENCY_KEY = "dev.fanout/idempotencyKey";

/** Makes a tool of an MCP server into the handler of a Lambda function. */
export function serveMcpTool(tool: Tool, connector: Connector) {
  const { server, tool: name } = tool.mcp ?? { server: "", tool: "" };
  const inputSchema = z.toJSONSchema(tool.input, { io: "input" }) as never;
  const sessions = new Sessions(connector);
  const service = implementTool(tool, async (input, { signal, env, secrets, idempotencyKey }) => {
    const access = { url: env[urlSettingOf(server)], secrets };
    let mayHaveRun = false;
    let session: Session | undefined;
    const call = async () => {
      mayHaveRun = false;
      session = await sessions.get(access, signal);
      mayHaveRun = tool.effect === "write";
      return session.call({ name, inputSchema }, input, {
        signal,
        meta: { [IDEMPOTENCY_KEY]: idempotencyKey },
      });
    };
    try {
      const wasOpen = sessions.isOpen;
      return readAnswer(
        server,
        await call().catch(async (error) => {
          if (!wasOpen || !isForgottenSession(error)) throw error;
          await session?.close();
          return call();
        }),
      );
    } catch (cause) {
      if (signal.aborted) throw new ToolError(`${server} was not waited for any longer`, { cause });
      // Whatever state it is in, another try has a new one.
      if (!(cause instanceof ToolError)) await session?.close();
      const retryAfterSeconds = session?.retryAfterSeconds ?? (cause as Partial<Session>).retryAfterSeconds;
      throw explainFailure(cause, { server, mayHaveRun, retryAfterSeconds });
    }
  });
  return serve(service);
}

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

  get isOpen(): boolean {
    return this.#session !== undefined && !this.#session.isOver;
  }

  async get(access: Access, signal: AbortSignal): Promise<Session> {
    const key = JSON.stringify(access);
    if (this.#connect === undefined || key !== this.#access) {
      await this.#session?.close();
      this.#connect = this.#connector(access);
      this.#access = key;
    }
    if (this.#session === undefined || this.#session.isOver) {
      this.#session = await Session.open(this.#connect, signal);
    }
    return this.#session;
  }
}
