import { HttpCallError } from "@restatedev/restate-sdk-clients";
import { registeredAgents } from "../agent-choice.ts";
import { adminOf, type RunRequest } from "./request.ts";

/** What an error of Restate's ingress client means to the person who asked. */
export async function explainFailure(error: unknown, request: RunRequest): Promise<Error> {
  const { ingressUrl, agent } = request;
  if (!(error instanceof HttpCallError)) {
    return new Error(`Restate's ingress at ${ingressUrl} does not answer. Is it running?`, { cause: error });
  }
  if (error.status === 404) {
    const admin = adminOf(request);
    const registered = admin && (await registeredAgents(admin).catch(() => undefined));
    const list = registered ? ` Agents: ${registered.join(", ") || "none"}.` : "";
    return new Error(`No agent called "${agent}" is registered at ${ingressUrl}.${list}`);
  }
  if (error.status === 401 || error.status === 403) return new Error(`${ingressUrl} refused the token.`);
  return new Error(`The run failed (${error.status}): ${messageIn(error.responseText)}`, { cause: error });
}

function messageIn(responseText: string): string {
  try {
    return (JSON.parse(responseText) as { message?: string }).message ?? responseText;
  } catch {
    return responseText;
  }
}
