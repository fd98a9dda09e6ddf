import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LLMock } from "@copilotkit/aimock";
import { type LambdaHost, startLambdaHost } from "../../lib/lambda-host/index.ts";
import type { ModelRequest } from "../../lib/testing/index.ts";
import { ScriptedModel } from "../../lib/testing/scripted-model.ts";
import { type Gate, startGate } from "./gate.ts";
import type { Script } from "./script.ts";

/** What functions are given to keep to themselves. */
export const SECRETS = { modelKey: "marker-key", toolSecret: "marker-secret" };

/** Where the functions of clusters run, and what they talk to, whichever server calls them. */
export interface Bench {
  /** For temporary files. */
  directory: string;
  lambda: LambdaHost;
  /** Where versions come from. */
  versions: Pick<LambdaHost, "publish" | "arn">;
  gate: Gate;
  /** Every function's settings: where the model and the gate are. */
  settings: Readonly<Record<string, string>>;
  /** Every line that a function has logged, verbatim. */
  log: string[];
  /** Every request that reached the model since the last `follow`. */
  modelRequests: readonly ModelRequest[];
  /** Lets the model follow this script from now on. */
  follow(script: Script): void;
  stop(): Promise<void>;
}

/** @param logLevel what the functions log. Default: INFO and above. */
export async function startBench(logLevel?: string): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), "fanout-test-"));
  const scripted = new ScriptedModel([]);
  const model = new LLMock({ port: 0, host: "127.0.0.1" });
  model.on({ endpoint: "chat" }, scripted.reply);
  await model.start();
  const gate = await startGate();
  const log: string[] = [];
  const lambda = await startLambdaHost({
    functions: [],
    onLog: ({ text }) => log.push(text),
    ...(logLevel !== undefined && { environment: { AWS_LAMBDA_LOG_LEVEL: logLevel } }),
  });
  return {
    directory,
    lambda,
    versions: lambda,
    gate,
    settings: {
      OPENAI_BASE_URL: `${model.url}/v1`,
      OPENAI_API_KEY: SECRETS.modelKey,
      ANTHROPIC_BASE_URL: `${model.url}/v1`,
      ANTHROPIC_API_KEY: SECRETS.modelKey,
      GEMINI_BASE_URL: model.url,
      GEMINI_API_KEY: SECRETS.modelKey,
      FAILS_SECRET: SECRETS.toolSecret,
      GATE_URL: gate.url,
    },
    log,
    modelRequests: scripted.requests,
    follow(next) {
      scripted.use(next);
      // It keeps what it was asked, and what it answered.
      model.clearRequests();
    },
    async stop() {
      await Promise.all([lambda.stop(), model.stop(), gate.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
