import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { agents } from "../functions/agents/index.ts";
import { tools } from "../functions/tools/index.ts";
import { agentFolder } from "../lib/agent/definition.ts";
import { AgentStack } from "../lib/stack/agent-stack.ts";
import { bundleFunctions } from "../lib/stack/bundle.ts";
import { readDeploymentConfig } from "../lib/stack/config.ts";
import { writeLambdaAdapter } from "../lib/stack/lambda-adapter.ts";
import type { Tool } from "../lib/tool/index.ts";

const config = readDeploymentConfig(process.env);
const functions = join(import.meta.dirname, "../functions");
/** The functions that the samples among the tools invoke; those of your own are deployed by whoever owns them. */
const sampleLambdas = {
  "fanout-sample-convert-units": join(functions, "lambdas/convert-units/index.ts"),
};

const bundleDir = mkdtempSync(join(tmpdir(), "fanout-bundles-"));
const toolEntry = ({ name, lambda }: Tool) =>
  lambda === undefined
    ? join(functions, "tools", name, "handler.ts")
    : writeLambdaAdapter(name, join(functions, "tools", name, "tool.ts"), join(bundleDir, ".adapters"));
try {
  const entries = Object.fromEntries([
    ...tools.map((tool) => [tool.name, toolEntry(tool)]),
    ...agents.map((agent) => [agent.name, join(functions, "agents", agentFolder(agent), "handler.ts")]),
  ]);
  bundleFunctions({ ...entries, ...sampleLambdas }, bundleDir);
  const app = new App();
  new AgentStack(app, config.name, {
    description: "LLM agents whose tool calls run in parallel, durably, on AWS Lambda.",
    tools,
    agents,
    plainFunctions: Object.keys(sampleLambdas),
    config,
    bundleDir,
    // No account has this number, so a template made for a laptop cannot be deployed by mistake.
    ...(config.target.kind === "local" && { env: { account: "000000000000", region: "us-east-1" } }),
  });
  app.synth();
} finally {
  rmSync(bundleDir, { recursive: true });
}
