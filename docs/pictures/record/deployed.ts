import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agents } from "../../../functions/agents/index.ts";
import { tools } from "../../../functions/tools/index.ts";
import type { Deployed } from "../deployed.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SETTINGS = {
  FANOUT_TARGET: "cloud",
  FANOUT_STAGE: "prod",
  RESTATE_ENVIRONMENT_ID: "env_any",
  RESTATE_API_KEY_SECRET: "restate/api-key",
};

/** Synthesises the stack, and counts what is in it. */
export function recordDeployed(): Deployed {
  const assembly = mkdtempSync(join(tmpdir(), "fanout-deployed-"));
  try {
    const env = { PATH: process.env.PATH, HOME: assembly, CDK_OUTDIR: assembly, ...SETTINGS };
    execFileSync(process.execPath, ["bin/app.ts"], { cwd: ROOT, env, stdio: "inherit" });
    const template = JSON.parse(readFileSync(join(assembly, "fanout-prod.template.json"), "utf8"));
    const types = Object.values(template.Resources as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );
    const resources = Object.fromEntries(
      [...new Set(types)].sort().map((type) => [type, types.filter((one) => one === type).length]),
    );
    return { tools: tools.length, agents: agents.length, resources };
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
}
