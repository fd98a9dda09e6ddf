import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "@restatedev/restate-sdk/lambda";
import { callOrigin } from "../call/index.ts";
import { readSecretCalled, readSetting } from "../runtime/index.ts";
import { EVENT_MODES, type EventMode, TOPIC } from "./event.ts";
import type { Watch } from "./publisher.ts";

/** Settings of a function that may tell what a model writes: the ingress, and the name of the secret with its key. */
export const INGRESS_URL = "RESTATE_INGRESS_URL";
export const INGRESS_KEY = "RESTATE_INGRESS_KEY_SECRET";

/** What a run may ask for here: text only where the deployment has given the function the ingress. */
export function eventModes(): readonly EventMode[] {
  return readSetting(INGRESS_URL, "") === "" ? EVENT_MODES.filter((mode) => mode !== "text") : EVENT_MODES;
}

/** How often it is told at most, in ms: each time is an invocation of the topic. */
const INTERVAL_MS = 500;
/** An ingress that takes longer is away. */
const PATIENCE_MS = 2_000;

/**
 * Tells those who watch a run what the model writes while it writes it, from inside the durable step: nothing that the
 * journal holds could leave the function before the reply is whole. It is told at most once; `turn-ended` has all of it. Where the
 * ingress is away, the run goes on without.
 * @param ask gets where the text goes; undefined if nobody reads it.
 */
export async function withLiveText<Reply>(
  ctx: Context,
  watch: Watch | undefined,
  turn: number,
  ask: (onText?: (text: string) => void) => Promise<Reply>,
): Promise<Reply> {
  const url = readSetting(INGRESS_URL, "");
  if (watch?.mode !== "text" || url === "") return await ask();
  const { run } = callOrigin(ctx.request());
  const text = new LiveText(`${url}/restate/send/${TOPIC}/${run}/text`, { path: watch.path, turn });
  try {
    return await ask((delta) => text.add(delta));
  } finally {
    text.end();
  }
}

class LiveText {
  readonly #url: string;
  readonly #place: object;
  readonly #ended = new AbortController();
  #unsent = "";
  #begun = false;
  #sending = false;

  constructor(url: string, place: object) {
    this.#url = url;
    this.#place = place;
  }

  add(delta: string): void {
    this.#unsent += delta;
    if (!this.#sending) void this.#sendAll();
  }

  /** What is on its way may get lost: it stands in the reply. */
  end(): void {
    this.#ended.abort();
  }

  /** One request after the other, so that they arrive in order. */
  async #sendAll(): Promise<void> {
    this.#sending = true;
    try {
      while (this.#unsent !== "" && !this.#ended.signal.aborted) {
        const text = this.#unsent;
        this.#unsent = "";
        await this.#send(text);
        await sleep(INTERVAL_MS, undefined, { signal: this.#ended.signal });
      }
      this.#sending = false;
    } catch {
      // It stays `sending`, so nothing more is tried in this turn.
    }
  }

  async #send(text: string): Promise<void> {
    const keySecret = readSetting(INGRESS_KEY, "");
    const key = keySecret === "" ? undefined : await readSecretCalled(keySecret);
    const begins = !this.#begun;
    this.#begun = true;
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(key && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ ...this.#place, at: Date.now(), text, ...(begins && { begins }) }),
      signal: AbortSignal.any([this.#ended.signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the ingress answered ${response.status}`);
  }
}
