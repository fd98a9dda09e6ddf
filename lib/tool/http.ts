import type * as z from "zod";
import { parseRetryAfter, readText, TooLong } from "../runtime/index.ts";
import { ToolError } from "./error.ts";

/** The longest answer that is read, in bytes: a tool's function has a few hundred MB. */
const MAX_ANSWER_BYTES = 2_097_152;

/** What {@link fetchJson} sends, and what it expects back. */
export interface JsonRequest<Answer extends z.ZodType> {
  /** The provider's name in messages: "Open-Meteo". */
  provider: string;
  /** The shape of an answer. Anything else counts as trouble at the provider. */
  answer: Answer;
  /** Statuses beside 2xx whose body is an answer too. Default none. */
  accept?: readonly number[];
  /** Ends the request: the implementation's own (`ToolContext.signal`), so that nothing goes on when the call has timed out. */
  signal: AbortSignal;
  /** Default GET. */
  method?: string;
  /** Default: none of its own. */
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** How long the provider may take. Default 8 s: short enough for three tries within a call's default timeout. */
  withinSeconds?: number;
}

/**
 * Asks an HTTP provider for JSON. Its messages name the provider and nothing else: no URL, no header, no key.
 * @throws ToolError, retryable for 429 (with the provider's retry-after), 5xx, a broken connection, silence and
 * garbage; not for a refused key or another 4xx, where asking again would change nothing.
 */
export async function fetchJson<Answer extends z.ZodType>(
  url: string,
  {
    provider,
    answer,
    accept = [],
    signal,
    method = "GET",
    headers = {},
    body,
    withinSeconds = 8,
  }: JsonRequest<Answer>,
): Promise<z.output<Answer>> {
  const silence = AbortSignal.timeout(Math.ceil(withinSeconds * 1000));
  const broken = (cause: unknown) => {
    if (cause instanceof ToolError) return cause;
    if (cause instanceof TooLong)
      return new ToolError(`${provider} answered with too much to read`, { cause });
    const problem = signal.aborted
      ? "was not waited for any longer"
      : silence.aborted
        ? `did not answer within ${withinSeconds} s`
        : "could not be reached";
    return new ToolError(`${provider} ${problem}`, { retryable: !signal.aborted, cause });
  };
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect would carry the key's header to wherever it points.
      redirect: "manual",
      signal: AbortSignal.any([signal, silence]),
    });
    if (!response.ok && !accept.includes(response.status)) {
      await response.body?.cancel();
      throw refusal(provider, response);
    }
    return parse(provider, answer, await readText(response, MAX_ANSWER_BYTES));
  } catch (cause) {
    throw broken(cause);
  }
}

function refusal(provider: string, { status, headers }: Response): ToolError {
  if (status === 401) return new ToolError(`${provider} rejected the API key`);
  if (status === 403) return new ToolError(`${provider} denied access (status 403)`);
  if (status === 429)
    return new ToolError(`${provider} is limiting requests (status 429). Try again later.`, {
      retryable: true,
      retryAfterSeconds: parseRetryAfter(headers.get("retry-after")),
    });
  if (status >= 500)
    return new ToolError(`${provider} has a problem (status ${status})`, { retryable: true });
  return new ToolError(`${provider} refused the request (status ${status})`);
}

function parse<Answer extends z.ZodType>(provider: string, schema: Answer, text: string): z.output<Answer> {
  const garbage = (cause: unknown) =>
    new ToolError(`${provider} answered with something unreadable`, { retryable: true, cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw garbage(cause);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw garbage(parsed.error);
  return parsed.data;
}
