import type { FetchLike, ReconnectionScheduler } from "@modelcontextprotocol/client";
import { parseRetryAfter, TooLong } from "../runtime/index.ts";

/** The longest body that is read, in bytes: a tool's function has a few hundred MB. */
export const MAX_ANSWER_BYTES = 2_097_152;
/** How long what has been read may take to reach the call that waits for it, in ms. */
const GRACE_MS = 200;

/**
 * A session's requests. It reads no more of a body than its bound, and knows whether anything is still open that may bring the
 * answer of a call: the SDK goes on waiting where a stream has ended without it.
 */
export class Wire {
  /** How long the server asked to wait when it refused the last request, in seconds. */
  retryAfterSeconds: number | undefined;
  readonly #onBroken: (cause: Error) => void;
  /** Requests, bodies and waits before another try. */
  #open = 0;
  /** Requests without an answer. */
  #asking = 0;
  #grace: NodeJS.Timeout | undefined;

  /** @param onBroken told that no answer comes any more, and why. */
  constructor(onBroken: (cause: Error) => void) {
    this.#onBroken = onBroken;
  }

  /** Whether a request has no answer yet. */
  get isAsking(): boolean {
    return this.#asking > 0;
  }

  /** Whether an answer is still being read, or waited for. */
  get isOpen(): boolean {
    return this.#open > 0;
  }

  /** A call begins: what ended before it does not concern it. */
  begin(): void {
    clearTimeout(this.#grace);
  }

  readonly fetch: FetchLike = async (url, init) => {
    // Nobody here reads what a server tells on its own, and a frozen environment cannot.
    if (isListening(init)) return new Response(null, { status: 405 });
    this.#open++;
    this.#asking++;
    try {
      const response = await fetch(url, init);
      this.retryAfterSeconds = response.ok ? undefined : parseRetryAfter(response.headers.get("retry-after"));
      return this.#bounded(response);
    } finally {
      this.#asking--;
      this.#close();
    }
  };

  /** Tries again after a while to read the rest of an answer. */
  readonly reconnect: ReconnectionScheduler = (reconnect, delayMs) => {
    this.#open++;
    const timer = setTimeout(() => {
      reconnect();
      this.#close();
    }, delayMs);
    return () => {
      clearTimeout(timer);
      this.#close();
    };
  };

  #bounded(response: Response): Response {
    if (response.body === null) return response;
    const { status, statusText } = response;
    const headers = new Headers(response.headers);
    // It may be a lie, or that of the compressed body.
    headers.delete("content-length");
    return new Response(this.#counted(response.body), { status, statusText, headers });
  }

  #counted(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    this.#open++;
    const reader = body.getReader();
    let bytes = 0;
    const fail = (controller: ReadableStreamDefaultController, cause: unknown) => {
      controller.error(cause);
      this.#close();
    };
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) {
            controller.close();
            return this.#close();
          }
          bytes += value.byteLength;
          if (bytes <= MAX_ANSWER_BYTES) return controller.enqueue(value);
        } catch (cause) {
          return fail(controller, cause);
        }
        const cause = new TooLong(`more than ${MAX_ANSWER_BYTES} bytes`);
        this.#onBroken(cause);
        void reader.cancel(cause).catch(() => {});
        fail(controller, cause);
      },
      cancel: (cause) => {
        this.#close();
        return reader.cancel(cause);
      },
    });
  }

  #close(): void {
    this.#open--;
    if (this.#open > 0) return;
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => {
      if (this.#open === 0) this.#onBroken(new Error("the connection ended without an answer"));
    }, GRACE_MS);
    this.#grace.unref();
  }
}

/** Whether a request asks for what the server says on its own, and not for the rest of an answer. */
function isListening(init: RequestInit | undefined): boolean {
  return init?.method === "GET" && isEventStream(init) && !new Headers(init.headers).has("last-event-id");
}

const isEventStream = (init: RequestInit) =>
  new Headers(init.headers).get("accept")?.includes("text/event-stream") ?? false;
