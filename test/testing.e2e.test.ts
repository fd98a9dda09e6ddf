import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { eventually, makeProject, type Project } from "./support/project.ts";

// The testing kit in a project of its own, whose files are the snippets of docs/testing.md.

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const APP = `import { join } from "node:path";
import { synthesise } from "fanout/stack";
import { agents } from "../functions/agents/index.ts";
import { tools } from "../functions/tools/index.ts";

const functions = join(import.meta.dirname, "../functions");
process.exitCode = await synthesise({ functions, tools, agents, environment: process.env });
`;

/** By another test runner: Node's own. */
const COUNTS = `import assert from "node:assert/strict";
import { test } from "node:test";
import { calls, MODES, says, startPlatform } from "fanout/testing";

const oslo = calls({ get_tide: { harbour: "Oslo" } });

for (const mode of MODES)
  test(\`counts and mistakes (\${mode})\`, async () => {
    await using platform = await startPlatform({ mode, model: [oslo, says("At 06:12.")] });
    const ask = (question) => platform.ask("HarbourAgent", question);

    for (let n = 1; n <= 2; n++) {
      platform.resetInvocations();
      assert.equal((await ask("High water?")).answer, "At 06:12.");
      assert.equal(platform.invocations("get_tide"), 1);
      if (mode !== "v6") assert.equal(platform.invocations("HarbourAgent"), 2);
    }
    const { features } = await (await fetch(\`\${platform.adminUrl}/version\`)).json();
    assert.equal(features.vqueues, mode !== "v6");
    assert.equal(platform.requests().tides, 2);
    assert.equal(platform.modelRequests.length, 4);
    assert.throws(() => platform.invocations("get_tides"), /There is no function "get_tides". Functions: .*get_tide/);

    platform.use([oslo]);
    await assert.rejects(ask("High water?"), {
      message: "The script has 1 reply, but the model was asked for another one.",
    });
    platform.use([says("Soon."), says("Now.")]);
    await assert.rejects(ask("High water?"), {
      message: 'The run has ended after 1 reply, but the script has 2. The next one: {"content":"Now."}',
    });
    platform.use({ "High water?": [says("Soon.")] });
    await assert.rejects(ask("Low water?"), {
      message: 'The script has no replies to "Low water?", only to "High water?".',
    });
    // A mistake is that of its run only.
    assert.equal((await ask("High water?")).answer, "Soon.");
    platform.use(undefined);
    assert.match((await ask("Use get_tide with harbour=Oslo")).answer, /06:12/);
    assert.throws(() => platform.fail({ tide: { hang: true } }), /Unknown upstream "tide"/);
    assert.ok(platform.logs.some((line) => line.includes("get_tide")));
    await platform.stop();
  });

test("a value that a stand-in replaces is refused, and nothing stays", async () => {
  const starting = startPlatform({ env: { TIDES_URL: "http://127.0.0.1:1" } });
  await assert.rejects(starting, /^TypeError: TIDES_URL: a stand-in has a value for it/);
});

test("a project's own values reach its tools where no stand-in does", async () => {
  const oslo = calls({ get_tide: { harbour: "Oslo" } });
  const env = { TIDES_URL: "http://127.0.0.1:1", TIDES_KEY: "mine" };
  await using platform = await startPlatform({ env, standIns: {}, model: [oslo, says("No.")] });
  const { toolCalls } = await platform.ask("HarbourAgent", "High water?");
  assert.equal(toolCalls[0].error, "Tides could not be reached");
});
`;

const KILLED = `import { startPlatform } from "fanout/testing";

const platform = await startPlatform({ model: [], mode: "always replay" });
process.stderr.write("started");
await new Promise((resolve) => setTimeout(resolve, 600_000));
await platform.stop();
`;

let project: Project;
beforeAll(() => {
  project = makeProject(join(import.meta.dirname, "support/harbour"), {
    "package.json": JSON.stringify({ name: "harbour", private: true, type: "module" }),
    "cdk.json": JSON.stringify({ app: "node bin/app.ts", versionReporting: false }),
    "bin/app.ts": APP,
    "test/counts.mjs": COUNTS,
    "test/killed.mjs": KILLED,
  });
});
afterEach(() => project.nothingLeft());
afterAll(() => project?.remove());

test("a project's tests of its tools and agents pass, in every mode", async () => {
  // Vitest leaves a file of its own in the home folder.
  const HOME = join(project.root, "../elsewhere");
  const { code, stdout, stderr } = await project.launch("vitest", ["run", "--no-color"], { HOME }).outcome;
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("two tides are two calls at once (always replay)");
});

test("any test runner will do; invocations are counted exactly, and a script's mistakes are said", async () => {
  const { code, stdout } = await project.launch("node", ["--test", "test/counts.mjs"]).outcome;
  expect(code, stdout).toBe(0);
});

test("nothing is left when the test runner is killed", async () => {
  const { child, stderr, outcome } = project.launch("node", ["test/killed.mjs"]);
  await eventually(() => stderr().includes("started"), stderr);
  const server = project.processes().find((line) => line.includes("restate-server"));
  expect(readFileSync(`/proc/${server?.split(" ")[0]}/environ`, "utf8")).toContain("INACTIVITY_TIMEOUT=0s");
  child.kill("SIGKILL");
  await outcome;
});
