import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { readDeploymentConfig } from "../../lib/deployment/index.ts";
import { AgentStack, bundleFunctions } from "../../lib/stack/index.ts";
import { RESTATE_REGISTRATION_BUNDLE, RESTATE_REGISTRATION_HANDLER } from "../../lib/stack/registrations.ts";
import { RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER } from "../../lib/stack/restate-admin.ts";
import { HANDLER, tools } from "./rosters.ts";

/** The tools as this project deploys them: one esbuild pass for all. */
const config = readDeploymentConfig({
  FANOUT_TARGET: "cloud",
  RESTATE_ENVIRONMENT_ID: "env_bench",
  RESTATE_API_KEY_SECRET: "restate/api-key",
});
const bundleDir = mkdtempSync(join(tmpdir(), "fanout-bench-"));
try {
  const entries = Object.fromEntries(tools.map(({ name }) => [name, HANDLER]));
  const own = {
    [RESTATE_ADMIN_BUNDLE]: RESTATE_ADMIN_HANDLER,
    [RESTATE_REGISTRATION_BUNDLE]: RESTATE_REGISTRATION_HANDLER,
  };
  bundleFunctions({ ...entries, ...own }, bundleDir);
  const app = new App();
  new AgentStack(app, config.name, { tools, agents: [], config, bundleDir });
  app.synth();
} finally {
  rmSync(bundleDir, { recursive: true });
}
