import { FanoutError } from "../../client/index.ts";
import { registeredAgents } from "../agent-choice.ts";
import { adminOf, type RunRequest } from "./request.ts";

/** What an error of the client means to the person who asked. */
export async function explainFailure(cause: unknown, request: RunRequest): Promise<Error> {
  const { ingressUrl, agent } = request;
  const { code, status, message } = cause as FanoutError;
  if (!(cause instanceof FanoutError) || status === undefined)
    return new Error(`Restate's ingress at ${ingressUrl} does not answer. Is it running?`, { cause });
  if (code === "unauthorized") return new Error(`${ingressUrl} refused the token.`);
  if (code !== "not-found") return new Error(`The run failed (${status}): ${message}`, { cause });
  const admin = adminOf(request);
  const registered = admin && (await registeredAgents(admin).catch(() => undefined));
  const list = registered ? ` Agents: ${registered.join(", ") || "none"}.` : "";
  return new Error(`No agent called "${agent}" is registered at ${ingressUrl}.${list}`);
}
