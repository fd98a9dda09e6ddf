import { join } from "node:path";
import { AGENT_TIMEOUT_SECONDS } from "../../../lib/agent/index.ts";
import { type App, Deployer } from "../../../lib/local/index.ts";
import { hasScopes } from "../../../lib/restate/index.ts";
import type { Contestant } from "./contestant.ts";
import { call } from "./ingress.ts";
import type { LambdaStandIn } from "./lambda-stand-in.ts";
import { type LocalLambda, untilProvisioned } from "./local-lambda.ts";
import type { Server } from "./restate-server.ts";
import { setting } from "./setting.ts";

/** Deploys Fanout's agent and tool to a Lambda and a server, as its local platform does. */
export async function startFanout(lambda: LambdaStandIn | LocalLambda, server: Server): Promise<Contestant> {
  const admin = { url: server.adminUrl };
  await new Deployer({ lambda, admin, scopes: await hasScopes(admin) }).deploy(app());
  if ("pids" in lambda && provisioned() > 0) await untilProvisioned(lambda, "work");
  return {
    async run(prompt) {
      const { answer } = (await call(server, "WorkAgent/run", { message: prompt })) as { answer: string };
      return answer;
    },
    counts: lambda.counts,
    ...("pids" in lambda && { pids: lambda.pids }),
    async stop() {
      await server.stop();
      await lambda.stop();
    },
  };
}

/** How many of the tool's environments are started ahead of requests. */
const provisioned = () => Number(setting("PROVISIONED"));

/** The functions with the memory and the time that their contracts have by default. */
function app(): App {
  const common = (name: string) => ({
    name,
    codeDir: join(setting("BUNDLES"), name),
    handler: "index.handler",
  });
  return {
    functions: [
      {
        ...common("agent"),
        memoryMb: 1024,
        timeoutSeconds: AGENT_TIMEOUT_SECONDS,
        environment: {
          OPENAI_BASE_URL: setting("MODEL_URL"),
          OPENAI_API: "chat",
          OPENAI_API_KEY: "scripted",
          // The deployment says whether the server limits scopes.
          RESTATE_SCOPES: "",
        },
      },
      {
        ...common("work"),
        memoryMb: 512,
        timeoutSeconds: 35,
        environment: { TOOL_URL: setting("TOOL_URL") },
        ...(provisioned() > 0 && { provisionedConcurrency: provisioned() }),
      },
    ],
    registrations: [
      { functionName: "agent", service: "WorkAgent", private: false },
      { functionName: "work", service: "work", private: true },
    ],
  };
}
