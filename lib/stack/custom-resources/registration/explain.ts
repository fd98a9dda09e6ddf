import { failureReason } from "../../../restate/index.ts";
import { cleanMessage } from "../../../runtime/index.ts";

/** What restate-cdk says when Restate refuses a registration: the HTTP status and Restate's answer. */
const REFUSED = /Registration failed \((\d+)\): (.*)$/s;
/** What it says when Restate's health check fails. */
const UNHEALTHY = /^\((\d+)\)$/;

/** Why a registration failed, in one line. @param failure what restate-cdk says. */
export function explain(
  failure: string,
  { adminUrl = "", serviceLambdaArn = "" }: { adminUrl?: string; serviceLambdaArn?: string },
): string {
  const version = serviceLambdaArn.replace(/.*:function:/, "");
  const [, status, answer] = REFUSED.exec(failure) ?? [];
  if (answer !== undefined)
    return `Restate cannot use ${version} (${status}): ${cleanMessage(failureReason(messageOf(answer)))}`;
  const [, health] = UNHEALTHY.exec(failure) ?? [];
  const what = health === undefined ? cleanMessage(failure) : `it answered ${health}`;
  return `${version} cannot be registered with Restate at ${adminUrl}: ${what}`;
}

/** The message in Restate's answer; a proxy in front of it may answer what it likes. */
function messageOf(answer: string): string {
  try {
    const { message } = JSON.parse(answer) as { message?: unknown };
    return typeof message === "string" ? message : answer;
  } catch {
    return answer;
  }
}
