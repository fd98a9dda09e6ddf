import { describe, expect, test } from "vitest";
import * as z from "zod";
import { createAgent, defineAgent } from "../lib/agent/index.ts";
import { agentTimeout, toolTimeout } from "../lib/deployment/timeout.ts";
import { defineTool, implementTool, serve } from "../lib/tool/index.ts";

/** What Restate is told about a service when its function is registered; times in ms. */
interface Discovered {
  abortTimeout: number;
  ingressPrivate: boolean;
  retryPolicyInitialInterval: number;
  retryPolicyExponentiationFactor: number;
  retryPolicyMaxInterval: number;
  retryPolicyMaxAttempts: number;
  retryPolicyOnMaxAttempts: string;
}

async function discover(service: Parameters<typeof serve>[0]): Promise<Discovered> {
  const accept = "application/vnd.restate.endpointmanifest.v4+json";
  const request = { path: "/discover", httpMethod: "GET", headers: { accept }, body: null };
  const response = await serve(service)({ ...request, isBase64Encoded: false } as never, {});
  const text = Buffer.from(response.body, response.isBase64Encoded ? "base64" : "utf8").toString();
  return JSON.parse(text).services[0];
}

const toolWith = (timeoutSeconds: number) =>
  defineTool({
    name: "wait",
    description: "Waits.",
    input: z.object({}),
    output: z.object({}),
    timeout: { seconds: timeoutSeconds },
  });
const LONGEST_SECONDS = 840;

describe.each([1, 30, LONGEST_SECONDS])("a tool that may take %d s", (seconds) => {
  const tool = toolWith(seconds);

  test("F3: is tried again by Restate for as long as anybody may wait for it", async () => {
    const policy = await discover(implementTool(tool, () => ({})));
    let waitedMs = 0;
    for (let attempt = 1; attempt < policy.retryPolicyMaxAttempts; attempt++) {
      const backoff =
        policy.retryPolicyInitialInterval * policy.retryPolicyExponentiationFactor ** (attempt - 1);
      waitedMs += Math.min(backoff, policy.retryPolicyMaxInterval);
    }
    expect(waitedMs).toBeGreaterThan(seconds * 1000);
    // A paused call would wait for a person, who does not know of it.
    expect(policy.retryPolicyOnMaxAttempts).toBe("KILL");
  });

  test("has ended, or its function was stopped, before Restate begins a second attempt beside it", async () => {
    const { abortTimeout } = await discover(implementTool(tool, () => ({})));
    expect(abortTimeout).toBeGreaterThan(toolTimeout(tool) * 1000);
    // Lambda stops every function after 15 minutes.
    expect(toolTimeout(tool)).toBeLessThanOrEqual(900);
  });

  test("can be called by agents only", async () => {
    expect(await discover(implementTool(tool, () => ({})))).toMatchObject({ ingressPrivate: true });
  });
});

test("an agent's function was stopped before Restate begins a second attempt beside it", async () => {
  const agent = defineAgent({
    name: "TestAgent",
    description: "Answers.",
    model: "openai/gpt-5.4",
    instructions: "Answer.",
    tools: [],
  });
  const { abortTimeout } = await discover(createAgent(agent));
  expect(abortTimeout).toBeGreaterThan(agentTimeout(agent) * 1000);
});
