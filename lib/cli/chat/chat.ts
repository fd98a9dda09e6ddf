import { conversationOf, type History } from "../../agent/index.ts";
import { type Admin, readInputSchema } from "../../restate/index.ts";
import { say, sayUnbroken } from "../output.ts";
import type { whereToAsk } from "../restate-address.ts";
import { type Conversation, openConversation } from "../run/conversation.ts";
import { adminOf, type RunRequest } from "../run/request.ts";
import { explainFailure } from "../run/run-failure.ts";
import { waitingFetch } from "./waiting-fetch.ts";

/** Where Restate is. */
type Place = ReturnType<typeof whereToAsk>;

/** How a chat is begun. */
export interface ChatOptions {
  agent: string;
  /** The conversation's id. */
  conversation: string;
  /** Where Restate is now. @throws Error while no platform runs. */
  findPlace(): Place;
  /** Each run's input beside its message. */
  input: object;
  /** Print only the runs' outputs, as lines of JSON. */
  json: boolean;
  /** The command that goes on with a conversation. */
  goOn(conversation: string): string;
}

/** What a chat's requests do while the platform is away. */
interface Patience {
  /** Ends the waiting. */
  stop: AbortSignal;
  /** Says that it waits. Default: on stderr. */
  tell?(line: string): void;
}

/** How long is tried to find somebody to talk with, in ms. */
const OPENING_MS = 15_000;

/** A talk with an agent, in one conversation after the other. */
export class Chat {
  /** The id of the conversation in which the next message is said. */
  conversation: string;
  readonly #options: ChatOptions;
  /** Where Restate was last. */
  #place: Place;
  #events: "calls" | "text" = "calls";

  /** @throws Error when no platform runs. */
  constructor(options: ChatOptions) {
    this.#options = options;
    this.#place = options.findPlace();
    this.conversation = options.conversation;
  }

  get agent(): string {
    return this.#options.agent;
  }

  get json(): boolean {
    return this.#options.json;
  }

  /** Says how to go on with the conversation. */
  sayHowToGoOn(): void {
    sayUnbroken(`Go on with: ${this.#options.goOn(this.conversation)}`);
  }

  /**
   * Looks whether there is somebody to talk with.
   * @returns what was said.
   * @throws Error in plain words: no platform, no such agent, a token that is refused.
   */
  async open(): Promise<History> {
    const { agent, conversation } = this;
    const request = { ...this.#lastPlace(), agent, conversation, input: undefined };
    try {
      const history = await openConversation(request, OPENING_MS).history();
      if (await tellsText(adminOf(request), agent)) this.#events = "text";
      return history;
    } catch (error) {
      throw await explainFailure(error, request);
    }
  }

  /** What is asked of the agent. Requests wait while the platform is away. */
  request(message: string, { stop, tell = say }: Patience): RunRequest & { conversation: string } {
    const { agent, conversation } = this;
    const place = this.#lastPlace();
    const { input, findPlace } = this.#options;
    const urlNow = () => findPlace().ingressUrl;
    return {
      ...place,
      agent,
      conversation,
      input: { message, events: this.#events, ...input },
      fetch: waitingFetch({ url: place.ingressUrl, urlNow, stop, tell }),
    };
  }

  /** What can be done with the conversation. Requests wait while the platform is away. */
  opened(patience: Patience): Conversation {
    return openConversation(this.request("", patience));
  }

  #lastPlace(): Place {
    try {
      this.#place = this.#options.findPlace();
    } catch {
      // It is waited for where it is asked.
    }
    return this.#place;
  }
}

/** Whether runs may be asked for the model's text while it is written; without the admin API nobody says so. */
async function tellsText(admin: Admin | undefined, agent: string): Promise<boolean> {
  if (!admin) return false;
  const schema = await readInputSchema(admin, conversationOf(agent), "send").catch(() => undefined);
  const { events } = (schema as { properties?: { events?: object } } | undefined)?.properties ?? {};
  return JSON.stringify(events ?? {}).includes('"text"');
}
