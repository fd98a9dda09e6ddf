import { FanoutError } from "../../client/index.ts";
import { registeredAgents } from "../agent-choice.ts";
import { adminOf, type RunRequest } from "./request.ts";

/** What an error of the client means to the person who asked. */
export async function explainFailure(cause: unknown, request: RunRequest): Promise<Error> {
  const { ingressUrl } = request;
  const { code, status, message } = cause as FanoutError;
  if (!(cause instanceof FanoutError) || status === undefined)
    return new Error(`Restate's ingress at ${ingressUrl} does not answer. Is it running?`, { cause });
  if (code === "unauthorized") return new Error(`${ingressUrl} refused the token.`, { cause });
  if (code !== "not-found") return new Error(`The run failed (${status}): ${message}`, { cause });
  return new Error(await noAgent(request), { cause });
}

async function noAgent(request: RunRequest): Promise<string> {
  const { agent, conversation, ingressUrl } = request;
  const admin = adminOf(request);
  const registered = admin && (await registeredAgents(admin).catch(() => undefined));
  if (conversation !== undefined && registered?.includes(agent))
    return `The agent "${agent}" has no conversations at ${ingressUrl}: it was deployed before there were any, or has a loop of its own. Deploy it again, or use: npx fanout ask`;
  const list = registered ? ` Agents: ${registered.join(", ") || "none"}.` : "";
  return `No agent called "${agent}" is registered at ${ingressUrl}.${list}`;
}
