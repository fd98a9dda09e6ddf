import { parseRetryAfter, TooLong } from "../../runtime/index.ts";
import { cleaned, type Diagnosis, refusal, TOO_LONG } from "./diagnosis.ts";
import { ModelError } from "./seam.ts";

/** What the clients of model providers have in common: an HTTP status, and headers, in the error or in one that caused it. */
interface ClientError {
  status?: unknown;
  statusCode?: unknown;
  code?: unknown;
  headers?: unknown;
  cause?: unknown;
}

/** A status that may be another one later. @see https://www.rfc-editor.org/rfc/rfc9110#section-15 */
const isRetryable = (status: number) => [408, 409, 425, 429].includes(status) || status >= 500;

/**
 * Says in a person's words why a request that somebody's client of a provider made has failed.
 * @param model `provider/model`.
 * @param apiKeys kept out of messages.
 */
export function fromClient(
  error: unknown,
  { model, apiKeys, signal }: { model: string; apiKeys: readonly string[]; signal: AbortSignal },
): ModelError {
  if (error instanceof ModelError) return error;
  const { problem, ...kind }: Diagnosis = signal.aborted
    ? { problem: "did not answer in time", retryable: true }
    : diagnose(error, apiKeys);
  const retryAfter = causes(error).map(retryAfterOf).find(Boolean);
  return new ModelError(`The model ${model} ${problem}`, {
    ...kind,
    retryAfterSeconds: parseRetryAfter(retryAfter),
    cause: { statusCode: statusOf(error) },
  });
}

function diagnose(error: unknown, apiKeys: readonly string[]): Diagnosis {
  if (causes(error).some((one) => one instanceof TooLong)) return TOO_LONG;
  const status = statusOf(error);
  const said = cleaned(wordsOf(error), apiKeys);
  if (status !== undefined) return refusal(status, said, isRetryable(status));
  const broken = causes(error)
    .map(({ code }) => code)
    .find((code) => typeof code === "string" && BROKEN.test(code));
  if (broken !== undefined) return { problem: `cannot be reached (${broken})`, retryable: true };
  return { problem: `failed: ${said}`, retryable: false };
}

/** Some clients have a body for a message. */
function wordsOf(error: unknown): unknown {
  try {
    return JSON.parse((error as Error).message).error.message ?? error;
  } catch {
    return error;
  }
}

/** A connection that could not be made, or broke. @see https://nodejs.org/api/errors.html#common-system-errors */
const BROKEN = /^(E(CONN|PIPE|NET|HOST|TIMEDOUT|AI_)|UND_ERR_)/;

/** How many errors may stand behind each other. */
const MAX_CAUSES = 5;

function causes(error: unknown): ClientError[] {
  const found: ClientError[] = [];
  let one = error;
  while (typeof one === "object" && one !== null && found.length < MAX_CAUSES) {
    found.push(one);
    one = (one as ClientError).cause;
  }
  return found;
}

function statusOf(error: unknown): number | undefined {
  const statuses = causes(error).flatMap(({ status, statusCode }) => [status, statusCode]);
  return statuses.find((status): status is number => typeof status === "number");
}

function retryAfterOf({ headers }: ClientError): string | undefined {
  if (headers instanceof Headers) return headers.get("retry-after") ?? undefined;
  const value = (headers as Record<string, unknown> | undefined)?.["retry-after"];
  return typeof value === "string" ? value : undefined;
}
