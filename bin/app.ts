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

const config = readDeploymentConfig(process.env);
const functions = join(import.meta.dirname, "../functions");
const entries = Object.fromEntries([
  ...tools.map((tool) => [tool.name, join(functions, "tools", tool.name, "handler.ts")]),
  ...agents.map((agent) => [agent.name, join(functions, "agents", agentFolder(agent), "handler.ts")]),
]);

const bundleDir = mkdtempSync(join(tmpdir(), "fanout-bundles-"));
try {
  bundleFunctions(entries, bundleDir);
  const app = new App();
  new AgentStack(app, "fanout", {
    description: "LLM agents whose tool calls run in parallel, durably, on AWS Lambda.",
    tools,
    agents,
    config,
    bundleDir,
    // No account has this number, so a template made for a laptop cannot be deployed by mistake.
    ...(config.target.kind === "local" && { env: { account: "000000000000", region: "us-east-1" } }),
  });
  app.synth();
} finally {
  rmSync(bundleDir, { recursive: true });
}
