/** What Restate says when a function fails: the function's ARN, then Lambda's own JSON. */
const FUNCTION_ERROR = /function returned an error during execution: (\{.*\})\s*$/s;
/** What Restate says when Lambda refuses an invocation: the error's type, its message, then a dump of the response. */
const SERVICE_ERROR = /lambda service returned error: (?:service error: )?(\w+): (.*?)(?:: \1:| \(|$)/s;
/** Lambda's own errors begin with the request's id. */
const REQUEST_ID = /^RequestId: \S+ (?:Error: )?/;

/**
 * Why an invocation's last attempt failed, without what Restate puts around it.
 * @param failure Restate's text: `[500 Internal] ` before the message, a stack or a dump after it.
 * @returns the reason in its first line; a handler's own error may have a stack below it, and its message is not changed.
 */
export function failureReason(failure: string): string {
  const message = failure.replace(/^\[\d+[^\]]*\]\s*/, "");
  const [, said] = FUNCTION_ERROR.exec(message) ?? [];
  if (said !== undefined) return functionError(said);
  const [, type, words] = SERVICE_ERROR.exec(message) ?? [];
  return type === undefined ? message : `Lambda: ${type}: ${words}`;
}

function functionError(json: string): string {
  try {
    const { errorType = "", errorMessage = "" } = JSON.parse(json) as Record<string, string>;
    const message = errorMessage.replace(REQUEST_ID, "");
    return message === "" ? errorType : message;
  } catch {
    return "the function failed";
  }
}
