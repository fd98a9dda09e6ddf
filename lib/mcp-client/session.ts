import { setTimeout as sleep } from "node:timers/promises";
import { type CallToolResult, Client, type RequestOptions, type Tool } from "@modelcontextprotocol/client";
import { MAX_TIMEOUT_SECONDS } from "../tool/index.ts";
import type { Connector } from "./transport.ts";
import { Wire } from "./wire.ts";

/** How a request ends is for its caller to say, who aborts it; the SDK would give up after a minute. In ms. */
const LONGEST_MS = MAX_TIMEOUT_SECONDS * 1000;
/** How long the server may take to hear that a call was cancelled, in ms. */
const FAREWELL_MS = 1000;

/** One connection to an MCP server, and the session that the server may keep with it. */
export class Session {
  readonly #client: Client;
  readonly #wire: Wire;
  #failed = Promise.withResolvers<never>();
  #isOver = false;

  private constructor() {
    this.#wire = new Wire((cause) => this.#failed.reject(cause));
    // Elicitation, sampling and roots are not offered. What a tool returns is checked against its contract.
    this.#client = new Client(
      { name: "fanout", version: "1" },
      {
        versionNegotiation: { mode: "auto" },
        inputRequired: { autoFulfill: false },
        jsonSchemaValidator: {
          getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
        },
      },
    );
    this.#client.onclose = () => {
      this.#isOver = true;
    };
  }

  /** @throws what the SDK throws; `explainFailure` says it in words. */
  static async open(connect: ReturnType<Connector>, signal: AbortSignal): Promise<Session> {
    const session = new Session();
    try {
      const transport = await connect(session.#wire);
      await session.#waiting(signal, (options) => session.#client.connect(transport, options));
      return session;
    } catch (error) {
      await session.close();
      throw Object.assign(error as Error, { retryAfterSeconds: session.#wire.retryAfterSeconds });
    }
  }

  /** Whether it can be used no more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** What the server asked for when it refused the last request, in seconds. */
  get retryAfterSeconds(): number | undefined {
    return this.#wire.retryAfterSeconds;
  }

  /** Every tool of the server. */
  async listTools(signal: AbortSignal): Promise<Tool[]> {
    const { tools } = await this.#waiting(signal, (options) => this.#client.listTools(undefined, options));
    return tools;
  }

  /**
   * Calls a tool. Where nobody waits any longer, the server is told.
   * @param meta what goes along beside the arguments.
   */
  async call(
    tool: Pick<Tool, "name" | "inputSchema">,
    args: Record<string, unknown>,
    { signal, meta }: { signal: AbortSignal; meta: Record<string, unknown> },
  ): Promise<CallToolResult> {
    try {
      return await this.#waiting(signal, (options) =>
        this.#client.callTool(
          { name: tool.name, arguments: args, _meta: meta },
          { ...options, toolDefinition: tool },
        ),
      );
    } catch (error) {
      if (signal.aborted) await this.#sayFarewell();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#client.close().catch(() => {});
  }

  /** Waits for a request, and no longer than there is a connection. */
  async #waiting<T>(signal: AbortSignal, request: (options: RequestOptions) => Promise<T>): Promise<T> {
    this.#failed = Promise.withResolvers();
    this.#failed.promise.catch(() => {});
    this.#wire.begin();
    return Promise.race([request({ signal, timeout: LONGEST_MS }), this.#failed.promise]);
  }

  /** The function freezes as soon as it has answered, so what is to be said is said before. */
  async #sayFarewell(): Promise<void> {
    const end = performance.now() + FAREWELL_MS;
    do await sleep(20);
    while (this.#wire.isAsking && performance.now() < end);
    // The answer's stream may stay open, and nobody reads it.
    if (this.#wire.isOpen) await this.close();
  }
}
