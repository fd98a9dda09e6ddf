import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChatCompletionRequest, LLMock } from "@copilotkit/aimock";
import type { AgentOutput } from "../../lib/agent/index.ts";
import { type LambdaHost, startLambdaHost } from "../../lib/local/lambda/host.ts";
import { registerLambda } from "../../lib/local/restate/admin.ts";
import { type RestateServer, startRestateServer } from "../../lib/local/restate/server.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../../lib/stack/bundle.ts";
import { type Gate, startGate } from "./gate.ts";
import { type Reply, replies, type Script } from "./script.ts";

/** The ways in which a run may be driven: they may cost more or less, but never change a result. */
export const MODES = {
  v7: { protocolV7: true },
  v6: { protocolV7: false },
  "always replay": { protocolV7: true, alwaysReplay: true },
} as const;
export type Mode = keyof typeof MODES;

const TOOLS = ["gate", "slow", "fails", "drifts", "large", "record"];

/** The real restate-server, the real bundles of the test's functions in the Lambda host, and a scripted model. */
export interface Cluster {
  restate: RestateServer;
  lambda: LambdaHost;
  gate: Gate;
  /** Every request that reached the model since the last `run`. */
  modelRequests: ChatCompletionRequest[];
  /** Runs the agent with these replies, one per turn. */
  run(...list: Reply[]): Promise<AgentOutput>;
  /** Starts anew with this script and with all counts at zero. */
  use(script: Script): Promise<void>;
  /** Calls a handler through the ingress. */
  call(path: string, body: unknown): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

/** @param settings of the agent's function, in place of the usual ones. */
export async function startCluster(mode: Mode, settings: Record<string, string> = {}): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), "fanout-test-"));
  const source = join(import.meta.dirname, "functions");
  const names = [...TOOLS, "agent"];
  bundleFunctions(
    Object.fromEntries(names.map((name) => [name, join(source, name, "handler.ts")])),
    directory,
  );

  let script: Script = replies();
  const modelRequests: ChatCompletionRequest[] = [];
  const model = new LLMock({ port: 0, host: "127.0.0.1" });
  model.on({ endpoint: "chat" }, (request) => {
    modelRequests.push(request);
    return script(request);
  });
  await model.start();
  const gate = await startGate();
  const environment = {
    OPENAI_BASE_URL: `${model.url}/v1`,
    OPENAI_API_KEY: "scripted",
    ANTHROPIC_BASE_URL: `${model.url}/v1`,
    ANTHROPIC_API_KEY: "scripted",
    GATE_URL: gate.url,
    ...settings,
  };
  const lambda = await startLambdaHost({
    functions: names.map((name) => ({
      name,
      codeDir: join(directory, name),
      handler: BUNDLE_HANDLER,
      memoryMb: 512,
      timeoutSeconds: 60,
      environment: { ...environment },
    })),
  });
  const restate = await startRestateServer({
    dataDir: join(directory, "restate"),
    lambdaUrl: lambda.url,
    ...MODES[mode],
  });
  for (const name of names) {
    await registerLambda(restate.adminUrl, lambda.arn(name), { private: name !== "agent" });
  }

  const call: Cluster["call"] = async (path, body) => {
    const response = await fetch(`${restate.ingressUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const use: Cluster["use"] = async (next) => {
    script = next;
    modelRequests.length = 0;
    await fetch(`${lambda.url}/_stats/reset`, { method: "POST" });
  };
  return {
    restate,
    lambda,
    gate,
    modelRequests,
    call,
    use,
    async run(...list) {
      await use(replies(...list));
      const { status, body } = await call("/restate/call/TestAgent/run", { message: "Go." });
      if (status !== 200) throw new Error(`the run answered ${status}: ${JSON.stringify(body)}`);
      return body as AgentOutput;
    },
    async stop() {
      await restate.stop();
      await Promise.all([lambda.stop(), model.stop(), gate.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
