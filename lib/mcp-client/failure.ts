import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { TooLong } from "../runtime/index.ts";
import { ToolError } from "../tool/index.ts";

/** When a request failed, and what may be done about it. */
interface Circumstances {
  /** The server's name in messages. */
  server: string;
  /** Whether the tool may have been called: a write is not tried again then. */
  mayHaveRun: boolean;
  /** How long the server asked to wait, in seconds. */
  retryAfterSeconds: number | undefined;
}

/**
 * What a model, or a person, reads of a failure: the server's name, never its URL or what it was shown. Retryable are a server that limits
 * requests, and one that has trouble or cannot be reached, unless a write may have taken effect there.
 */
export function explainFailure(
  cause: unknown,
  { server, mayHaveRun, retryAfterSeconds }: Circumstances,
): ToolError {
  const failed = (problem: string, retryable: boolean) =>
    new ToolError(`${server} ${problem}`, { retryable, retryAfterSeconds, cause });
  if (cause instanceof ToolError) return cause;
  if (cause instanceof TooLong) return failed("answered with too much to read", false);
  if (cause instanceof ProtocolError) return failed(`refused the call: ${oneLine(cause.message)}`, false);
  const status = cause instanceof SdkHttpError ? cause.status : undefined;
  if (status === 429) return failed("is limiting requests (status 429). Try again later.", true);
  if (status !== undefined && status >= 500) return failed(`has a problem (status ${status})`, !mayHaveRun);
  if (status === 403) return failed("denied access (status 403)", false);
  if (status === 401 || isAboutAuthorization(cause)) return failed("does not accept the credentials", false);
  if (status !== undefined) return failed(`refused the request (status ${status})`, false);
  if (isUnreadable(cause)) return failed("answered with something unreadable", !mayHaveRun);
  return failed("could not be reached", !mayHaveRun);
}

/** Whether a server that once opened this session does not know it any more: the request did not get through to a tool. */
export function isForgottenSession(cause: unknown): boolean {
  // The specification says 404; servers made from the SDK's examples say 400.
  return cause instanceof SdkHttpError && (cause.status === 404 || cause.status === 400);
}

/** Whether there was an answer, and it was none of this protocol. */
function isUnreadable(cause: unknown): boolean {
  const { name, cause: below } = cause as Error;
  if (cause instanceof SdkError && UNREADABLE.includes(cause.code)) return true;
  return (
    /^(Zod|Syntax)Error$/.test(name) || /^(Zod|Syntax)Error$/.test((below as Partial<Error>)?.name ?? "")
  );
}

const UNREADABLE = [SdkErrorCode.InvalidResult, SdkErrorCode.ClientHttpUnexpectedContent];

const isAboutAuthorization = (cause: unknown) =>
  cause instanceof UnauthorizedError ||
  /OAuth|Issuer|Authorization|TokenEndpoint|Scope/.test((cause as Error).name);

/** A text of several lines in one, because messages end with their first line. */
export const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
