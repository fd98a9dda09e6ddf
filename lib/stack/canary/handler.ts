import { connect } from "@restatedev/restate-sdk-clients";
import { cleanMessage, readSecret, readSetting } from "../../runtime/index.ts";
import { SETTINGS } from "./settings.ts";

interface Output {
  finishReason: string;
  toolCalls: { tool: string; status: string; error?: string }[];
}

/**
 * Asks an agent a question, as anybody would.
 * @throws Error when there is no answer, or a tool did not work: Lambda counts it, and an alarm counts that.
 */
export async function handler(): Promise<void> {
  const secret = readSetting(SETTINGS.apiKeySecret, "");
  const token = secret === "" ? undefined : await readSecret(secret);
  const ingress = connect({
    url: readSetting(SETTINGS.ingressUrl, ""),
    ...(token && { headers: { Authorization: `Bearer ${token}` } }),
  });
  const name = readSetting(SETTINGS.agent, "");
  const message = readSetting(SETTINGS.message, "");
  const output = await ingress
    .call<{ message: string }, Output>({ service: name, handler: "run", parameter: { message } })
    .catch((error) => {
      throw new Error(`${name} did not answer: ${cleanMessage(error, token ? [token] : [])}`);
    });
  const failed = output.toolCalls.filter(({ status }) => status !== "ok");
  if (failed.length > 0)
    throw new Error(
      `Calls of ${name} failed: ${failed.map(({ tool, error, status }) => `${tool}: ${error ?? status}`).join("; ")}`,
    );
  if (output.finishReason !== "stop") throw new Error(`${name} ended with ${output.finishReason}.`);
}
