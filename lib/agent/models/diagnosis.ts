import { cleanMessage } from "../../runtime/index.ts";
import { MAX_REPLY_BYTES } from "./bounded-fetch.ts";

/** Why a model gave no reply, and what may be done about it. */
export interface Diagnosis {
  /** It follows the model's name. */
  problem: string;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** Whether it is the request that is at fault. */
  ofRequest?: boolean;
}

/** Asked again, this model or another one would most likely write as much again. */
export const TOO_LONG: Diagnosis = {
  problem: `answered with more than ${MAX_REPLY_BYTES / 1_000_000} MB, which a run cannot hold`,
  retryable: false,
  ofRequest: true,
};

/** What says that a request is malformed, too long or makes no sense; each other refusal is about the model or the account. */
const REQUEST_REFUSED = [400, 413, 422];

/** What a provider's status says. @param said its message, clean. */
export function refusal(status: number, said: string, retryable: boolean): Diagnosis {
  // Providers repeat parts of a rejected key in their message.
  if (status === 401) return { problem: "rejected the API key (401)", retryable: false };
  if (status === 403) return { problem: "denied access (403)", retryable: false };
  const words = said === "" ? "" : `: ${said}`;
  return { problem: `answered ${status}${words}`, retryable, ofRequest: REQUEST_REFUSED.includes(status) };
}

/** A provider's message without keys and links. */
export function cleaned(error: unknown, apiKeys: readonly string[]): string {
  return cleanMessage(error, apiKeys).replace(/\bhttps?:\/\/\S+/g, "[link]");
}
