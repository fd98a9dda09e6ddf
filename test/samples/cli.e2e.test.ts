import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import getPort from "get-port";
import { Hono } from "hono";
import { proxy } from "hono/proxy";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { AgentOutput } from "../../lib/agent/index.ts";
import { connectToRoutes } from "../../lib/client/index.ts";
import type { Stats } from "../../lib/lambda-host/index.ts";
import { query } from "../../lib/restate/index.ts";
import { serveOnLoopback } from "../../lib/sandbox/index.ts";
import { LOOPBACK, listenersOf } from "../support/listeners.ts";
import { copyProject, eventually, type Project } from "../support/project.ts";

const QUESTION =
  "What's the weather in Tokyo and London? Also the USD to JPY rate, and the AAPL share price.";
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with a control character.
const ANSI = /\u001b\[/;

let project: Project;
beforeAll(() => {
  project = copyProject();
});
afterAll(() => project?.remove());

test("start --once answers on stdout, tells of the calls on stderr, and leaves nothing behind", async () => {
  const { code, stdout, stderr } = await project.fanout(["start", "--once"], { CI: "true" });
  expect(stderr).toContain(`> ${QUESTION}`);
  expect(stdout).toMatch(/^ {2}get_weather .*█.* ok {2}city="Tokyo"$/m);
  expect(stdout).toContain("- Tokyo, Japan: 18.4 °C");
  expect(stdout).toContain("- 1 USD = 149.74 JPY");
  expect(stdout).toContain("This is the offline sandbox model");
  expect(stdout).toContain("calls: 4, all ok");
  expect(stdout).toContain("Lambda invocations: 6 (");
  expect(stdout + stderr).not.toMatch(ANSI);
  for (const work of ["restate-server", "Lambda host", "sandbox", "bundling", "get_weather"])
    expect(stderr).toMatch(new RegExp(`^  ${work} +\\d+\\.\\d\\d s$`, "m"));
  expect(code).toBe(0);
  await project.nothingLeft();

  expect(stderr.split("\n").filter((line) => line.endsWith(": called"))).toHaveLength(4);
  expect(stderr.match(/: ok after [\d.]+ s$/gm)).toHaveLength(4);
  // Whether they overlap in time depends on the machine, whose functions start here for the first time.
  expect(stderr.lastIndexOf(": called"), "every call is made before the first one ends").toBeLessThan(
    stderr.indexOf(": ok after"),
  );
});

describe("while the platform is up", () => {
  let platform: Awaited<ReturnType<Project["up"]>>;
  let occupied: { stop(): void };
  beforeAll(async () => {
    occupied = await occupy(8080);
    platform = await project.up("--fault", "finnhub:rateLimitRate=1", "--fault", "finnhub:latencyMs=0");
  });
  afterAll(async () => {
    occupied?.stop();
    platform?.child.kill("SIGKILL");
    await project.nothingLeft();
  });

  const ask = (...args: string[]) => project.fanout(["ask", ...args]);
  const askJson = async (...args: string[]): Promise<AgentOutput> => {
    const { stdout, stderr } = await ask("--json", ...args);
    expect(stdout, stderr).toMatch(/^\{.*\}\n$/);
    return JSON.parse(stdout);
  };
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${platform.state.ingressUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as AgentOutput };
  };
  const invocations = async () => {
    const { functions } = (await (await fetch(`${platform.state.lambdaUrl}/_stats`)).json()) as Stats;
    // Reading what a run has told runs nothing again.
    const working = Object.entries(functions).filter(([name]) => !name.endsWith("RunEvents"));
    return working.reduce((sum, [, { invocations }]) => sum + invocations, 0);
  };
  const setFault = (upstream: string, fault: object) =>
    fetch(`${platform.state.sandboxUrl}/_control/faults/${upstream}`, {
      method: "PUT",
      body: JSON.stringify(fault),
    });

  test("state.json says where everything is", () => {
    expect(platform.state).toEqual({
      ingressUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      adminUrl: expect.stringMatching(/^http:/),
      lambdaUrl: expect.stringMatching(/^http:/),
      sandboxUrl: expect.stringMatching(/^http:/),
      routesUrl: expect.stringMatching(/^http:/),
      pids: { platform: platform.child.pid, restateServer: expect.any(Number) },
    });
  });

  test.runIf(process.platform === "linux")(
    "every listener is on 127.0.0.1, and ours answer no web page",
    async () => {
      const listeners = listenersOf(project.processes().map((line) => Number.parseInt(line, 10)));
      const { ingressUrl, adminUrl, lambdaUrl, sandboxUrl, routesUrl } = platform.state;
      const known = [ingressUrl, adminUrl, lambdaUrl, sandboxUrl, routesUrl].map((url) =>
        Number(new URL(url).port),
      );
      expect(listeners.map(({ port }) => port)).toEqual(expect.arrayContaining(known));
      expect(listeners.filter(({ address }) => address !== LOOPBACK)).toEqual([]);

      const own = listeners.filter(({ pid }) => pid === platform.state.pids.platform);
      // The Lambda host, the routes, the sandbox, and behind that the model, mail and Postgres.
      expect(own).toHaveLength(6);
      const answers = await Promise.all(own.map(({ port }) => asPage(port, "/__aimock/journal")));
      expect(answers.sort()).toEqual([401, 403, 403, 403, "no HTTP", "no HTTP"]);
      // What docs/security.md says of restate-server's own ports: not so strict.
      const others = listeners.filter(({ pid }) => pid === platform.state.pids.restateServer);
      expect(await Promise.all(others.map(({ port }) => asPage(port, "/")))).not.toContain(403);
      const ingress = await fetch(`${ingressUrl}/restate/health`, {
        headers: { origin: "https://page.example" },
      });
      expect(ingress.headers.get("access-control-allow-origin")).toBe("https://page.example");
    },
  );

  test("nobody but the owner can read what the platform writes", async () => {
    const files = readdirSync(join(project.root, ".fanout"), { recursive: true, withFileTypes: true });
    const paths = files.map(({ parentPath, name }) => join(parentPath, name));
    expect(paths.some((path) => path.includes("restate"))).toBe(true);
    const open = [join(project.root, ".fanout"), ...paths, ...project.temporaryFiles()]
      // Copies of published packages stay as they were; the folders around them are closed.
      .filter((path) => !/\/node_modules\/|\/asset\.\w+\//.test(path))
      .filter((path) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0);
    expect(open).toEqual([]);
  });

  test("a taken port is replaced by the next free one, said aloud", () => {
    expect(platform.stderr()).toMatch(/^Port 8080 is taken; ingress uses 80[89]\d instead\.$/m);
    expect(platform.state.ingressUrl).not.toContain(":8080");
  });

  test.each(["up", "start"])("a second %s in the same project says that one runs", async (command) => {
    const { code, stdout, stderr } = await project.fanout([command]);
    expect(stderr).toBe(
      `The local platform already runs here (process ${platform.child.pid}). Ask it with: npx fanout ask "…"\n`,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(project.state()).toEqual(platform.state);
  });

  test("a fault makes one call fail in words; the others are fine", async () => {
    const { code, stdout, stderr } = await ask(QUESTION);
    expect(stderr).toMatch(/get_stock_price symbol="AAPL": failed after .*: Finnhub is limiting requests/);
    expect(stdout).toMatch(/^ {2}get_stock_price .*failed {2}symbol="AAPL"/m);
    expect(stdout).toContain(
      "calls: 4, 1 not ok (get_stock_price: Finnhub is limiting requests (status 429).",
    );
    expect(stdout).toContain("- London, United Kingdom: 11.6 °C");
    expect(stdout + stderr).not.toMatch(ANSI);
    expect(code).toBe(0);
  });

  test("--json prints the run's output and nothing else; its calls overlap", async () => {
    // Longer than functions on a busy machine need to start.
    await setFault("open-meteo", { latencyMs: 1500 });
    const { toolCalls, ...run } = await askJson("Weather in Tokyo, London and Paris?");
    await setFault("open-meteo", {});
    expect(run).toMatchObject({ finishReason: "stop", turns: 2 });
    const spans = toolCalls.map(({ startedAt, durationMs }) => {
      const from = Date.parse(startedAt ?? "");
      return { from, to: from + durationMs };
    });
    expect(spans).toHaveLength(3);
    const [lastBegin, firstEnd] = [
      Math.max(...spans.map((s) => s.from)),
      Math.min(...spans.map((s) => s.to)),
    ];
    expect(lastBegin, "there is a moment at which all calls ran").toBeLessThan(firstEnd);
  });

  test("the same idempotency key gets the same run, and nothing runs again", async () => {
    const first = await askJson("Weather in Oslo?", "--idempotency-key", "once");
    const counted = await invocations();
    expect(await askJson("Weather in Oslo?", "--idempotency-key", "once")).toEqual(first);
    expect(await invocations()).toBe(counted);
  });

  test("--url and --token reach any ingress", async () => {
    const authorizations: (string | undefined)[] = [];
    const front = await serveOnLoopback(
      new Hono().all("/*", async (c) => {
        authorizations.push(c.req.header("authorization"));
        if (c.req.header("authorization") !== "Bearer secret") return c.json({ message: "Who?" }, 401);
        return proxy(`${platform.state.ingressUrl}${c.req.path}`, c.req);
      }),
    );
    const asked = await askJson("Weather in Rome?", "--url", `${front.url}/`, "--token", "secret");
    expect(asked.answer).toContain("Rome, Italy");
    expect(new Set(authorizations)).toEqual(new Set(["Bearer secret"]));

    const refused = await project.fanout(["ask", "Hi", "--url", front.url], { RESTATE_TOKEN: "wrong" });
    expect(refused).toEqual({ code: 1, stdout: "", stderr: `${front.url} refused the token.\n` });
    await front.stop();
    const gone = await ask("Hi", "--url", front.url);
    expect(gone).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("does not answer. Is it running?"),
    });
  });

  test("without the admin API the same timeline is shown", async () => {
    const { stdout, stderr } = await ask("Weather in Tokyo?", "--url", platform.state.ingressUrl);
    expect(stderr).toMatch(/^\+.* get_weather city="Tokyo": ok after/m);
    expect(stdout).toMatch(
      /^turn 1: model .*\n {2}get_weather .* s {2}ok {2}city="Tokyo"\nturn 2: model .* answered$/m,
    );
  });

  /** Puts what is here in place of what the documentation's file says. */
  const adapt = (file: string, said: string, here: string) => {
    const path = join(project.root, "test/samples", file);
    writeFileSync(path, readFileSync(path, "utf8").replace(said, here));
    return path;
  };

  test("the documentation's client runs", async () => {
    const path = adapt("client.ts", "http://127.0.0.1:9003", platform.state.routesUrl);
    const { code, stdout, stderr } = await project.run("node", [path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n").slice(0, 2).sort()).toEqual(["London", "Tokyo"]);
    expect(stdout).toContain("- Tokyo, Japan: 18.4 °C");
  });

  test("the documentation's conversation runs, and is kept", async () => {
    const path = adapt("conversation.ts", "http://127.0.0.1:9003", platform.state.routesUrl);
    const { code, stdout, stderr } = await project.run("node", [path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.match(/^- (Tokyo|London), /gm)).toEqual(["- Tokyo, ", "- London, "]);
    const run = ["user", "assistant", "tool", "assistant"];
    expect(stdout.trimEnd().split("\n").at(-1)).toBe([...run, ...run].join(", "));
  });

  test("the documentation's client of OpenAI's API runs", async () => {
    const path = adapt("openai.ts", "http://127.0.0.1:9003", platform.state.routesUrl);
    const { code, stdout, stderr } = await project.run("node", [path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("- Tokyo, Japan: 18.4 °C");
  });

  test("the documentation's server runs, and knows its users", async () => {
    const port = await getPort();
    const path = adapt("server.ts", "port: 3000", `port: ${port}`);
    const { ingressUrl: RESTATE_INGRESS_URL, adminUrl: RESTATE_ADMIN_URL } = platform.state;
    const server = spawn("node", [path], {
      cwd: project.root,
      env: { PATH: process.env.PATH, RESTATE_INGRESS_URL, RESTATE_ADMIN_URL, RESTATE_TOKEN: "any" },
    });
    try {
      const as = (token: string) =>
        connectToRoutes({ url: `http://127.0.0.1:${port}`, token }).agent("ParallelToolAgent");
      const { answer } = await as("a-long-random-key").run("Weather in Tokyo?");
      expect(answer).toContain("18.4 °C");
      await expect(as("another").run("Hi")).rejects.toMatchObject({ code: "unauthorized" });
    } finally {
      server.kill();
    }
  });

  test("an unknown agent is an error in words", async () => {
    const { ingressUrl } = platform.state;
    expect(await ask("Hi", "--agent", "Nobody")).toEqual({
      code: 1,
      stdout: "",
      stderr: `No agent called "Nobody" is registered at ${ingressUrl}. Agents: BriefingAgent, ParallelToolAgent, ParallelToolClaimAgent.\n`,
    });
  });

  test.each(["/restate/call/ParallelToolAgent/run", "/ParallelToolAgent/run"])(
    "Restate's sample call works at %s",
    async (path) => {
      const message = "What is the weather in San Francisco and New York?";
      const { status, body } = await post(path, { message });
      expect(status).toBe(200);
      expect(body.toolCalls.map(({ input }) => input)).toEqual([
        { city: "San Francisco" },
        { city: "New York" },
      ]);
      expect(body.answer).toMatch(/San Francisco.*\n.*New York/);
    },
  );

  test("tools cannot be called from outside", async () => {
    for (const path of ["/restate/call/get_weather/run", "/get_weather/run"]) {
      const { status, body } = await post(path, { city: "Tokyo" });
      expect(status, JSON.stringify(body)).toBe(400);
    }
  });

  test("a run takes tighter limits and one of the agent's models; what it does not offer is refused by name", async () => {
    const run = await askJson(
      "Weather in Tokyo, London and Paris?",
      "--max-tool-calls",
      "2",
      "--deadline",
      "60",
    );
    expect(run).toMatchObject({ finishReason: "max-tool-calls", toolCalls: { length: 3 } });
    const refused = await ask("Hi", "--max-turns", "1000", "--model", "openai/gpt-nothing");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^The run failed \(400\): .*model.*openai\/gpt-5\.4.*limits\.maxTurns/m);
  });

  test("an answer of a given shape is shown as JSON", async () => {
    const { code, stdout } = await ask("--agent", "BriefingAgent", "What is the weather in Paris?");
    const [, answer] = /^Answer\n(\{\n {2}"headline": [\s\S]*?\n\})\n\nSummary$/m.exec(stdout) ?? [];
    expect(JSON.parse(answer ?? stdout)).toMatchObject({ headline: expect.any(String) });
    expect(code).toBe(0);
  });

  test("a run that fails says why in one line, without a stack", async () => {
    await setFault("openai", { errorRate: 1, latencyMs: 0 });
    const { code, stdout, stderr } = await ask("Weather in Tokyo?");
    await setFault("openai", {});
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    const problem =
      /^The run failed \(50\d\): The model openai\/gpt-5\.4 answered 500: The server had an error/;
    expect(stderr).toMatch(/^\+.* turn 1: failed: The model/m);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(problem);
    expect(stderr).not.toMatch(/^ +at |model answered$|turn 2/m);
  });

  test("a run that has ended is listed, shown, read in the log and asked again", async () => {
    const asked = await ask("What is the weather in Tokyo?", "--json");
    expect(asked.code).toBe(0);
    const listed = await project.fanout(["runs", "--limit", "1", "--since", "1h", "--json"]);
    const [run] = JSON.parse(listed.stdout);
    expect(run).toMatchObject({ agent: "ParallelToolAgent", state: "succeeded", turns: 2, toolCalls: 1 });

    const shown = await project.fanout(["show", run.id]);
    expect(shown.stdout).toMatch(/^turn 1 {2}get_weather {2}call_\S+ {2}ok$/m);
    expect(shown.stdout).toContain('  input   {"city":"Tokyo"}\n  result  {"city":"Tokyo","country":"Japan"');
    expect(shown.stdout).toContain("Answer\n- Tokyo, Japan: 18.4 °C");

    const logged = await project.fanout(["logs", run.id]);
    expect(logged.stdout.match(/turn ended|call ended|run ended/g)).toEqual([
      "turn ended",
      "call ended",
      "turn ended",
      "run ended",
    ]);

    const replayed = await project.fanout(["replay", run.id, "--json"]);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ answer: JSON.parse(asked.stdout).answer });
    expect(replayed.stderr).toContain(
      '> ParallelToolAgent {"message":"What is the weather in Tokyo?","events":"calls"}',
    );
  });

  test("of these tools none asks first, so nothing waits for an approval", async () => {
    expect(await project.fanout(["approvals"])).toMatchObject({
      code: 0,
      stdout: "No call waits for an approval.\n",
    });
    expect(await project.fanout(["approvals", "deny", "ap_none"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no approval "ap_none" at http://127.0.0.1:'),
    });
  });

  test("Ctrl-C stops watching; the run goes on until it is cancelled, and then its calls end too", async () => {
    await setFault("finnhub", { hang: true });
    const asking = project.start(["ask", "AAPL share price?"]);
    await eventually(() => asking.stderr().includes(": called"), asking.stderr);
    asking.child.kill("SIGINT");
    const { code, stderr } = await asking.outcome;
    expect(code).toBe(1);
    const id = /The run goes on\. Cancel it with: npx fanout cancel (inv_\w+)\n$/.exec(stderr)?.[1] ?? "";

    expect(await project.fanout(["cancel", id])).toMatchObject({
      code: 0,
      stderr: `Asked ${id} and its calls to end.\nIt is cancelled.\n`,
    });
    await setFault("finnhub", {});
    const ended = () =>
      query<{ failure: string }>(
        { url: platform.state.adminUrl },
        `SELECT completion_failure AS failure FROM sys_invocation WHERE id = '${id}' AND status = 'completed'`,
      );
    await expect.poll(ended, { timeout: 40_000 }).toEqual([{ failure: expect.stringMatching(/cancelled/i) }]);
    expect(await project.fanout(["cancel", id])).toMatchObject({
      code: 1,
      stderr: `The run ${id} has ended already.\n`,
    });
    expect(await project.fanout(["cancel", "inv_none"])).toMatchObject({
      code: 1,
      stderr: `There is no run "inv_none" at ${platform.state.adminUrl}.\n`,
    });
  });

  test("status shows every service in 100 columns, and as JSON", async () => {
    const { code, stdout } = await project.fanout(["status"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^get_weather +tool +1 +– +– +– +– +0 +0 +512$/m);
    expect(stdout).toMatch(/^ParallelToolAgent +agent +1 /m);
    expect(stdout).not.toContain("*");
    expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
    const json = await project.fanout(["status", "--json"]);
    expect(JSON.parse(json.stdout).services).toContainEqual(
      expect.objectContaining({ name: "get_weather", liveVersion: "1", differences: [] }),
    );
  });

  test("doctor finds nothing against a platform that has just started; its exit code says if it does", async () => {
    const healthy = await project.fanout(["doctor"]);
    expect(healthy).toMatchObject({ code: 0, stderr: "" });
    expect(healthy.stdout).not.toMatch(/^(warning|problem)/m);
    const publish = (isPublic: boolean) =>
      fetch(`${platform.state.adminUrl}/services/get_weather`, {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ public: isPublic }),
      });
    await publish(true);
    const { code, stdout, stderr } = await project.fanout(["doctor"]);
    await publish(false);
    expect(stdout).toMatch(/^problem +get_weather +it is public: /m);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "\n1 problem.\n" });
  });

  test("scale changes a tool under the agent's hands, and says what it takes to keep it; prune tidies up", async () => {
    const { code, stdout, stderr } = await project.fanout(["scale", "get_weather", "--memory", "640"]);
    expect(stdout).toMatch(/^version +1 +2\n/m);
    expect(stdout).toMatch(/^memory in MB +512 +640$/m);
    expect(stderr).toContain(
      "functions/tools/get_weather/tool.ts, or functions/scaling.ts for stage dev, says otherwise:\n",
    );
    expect(code).toBe(0);
    expect((await askJson("Weather in Paris?")).toolCalls).toMatchObject([{ status: "ok" }]);
    expect((await project.fanout(["status"])).stdout).toMatch(/^get_weather +tool +2 .* 640\*$/m);
    const listed = await project.fanout(["prune"]);
    expect(listed.stdout).toMatch(/^fanout-get_weather +1 +yes +0 +goes: no run needs it$/m);
    expect(listed.stderr).toBe("\n1 can go. Remove with: npx fanout prune --yes\n");
    expect(await project.fanout(["prune", "--yes"])).toEqual({
      code: 0,
      stdout: "Removed version 1 of fanout-get_weather.\n",
      stderr: "",
    });
    expect(await project.fanout(["redrive"])).toEqual({ code: 0, stdout: "Nothing is stuck.\n", stderr: "" });
  });

  test.runIf(process.platform === "linux")(
    "on a terminal the run is drawn, in colour, and cleared at its end",
    async () => {
      const command = "stty cols 100 rows 30; exec node bin/fanout.ts ask 'Weather in Tokyo?'";
      const terminal = (variables: string) =>
        project.run("script", ["-qec", `${variables} ${command}`, "/dev/null"]);
      const { stdout: screen, code } = await terminal("export TERM=xterm;");
      const [hide, show, eraseLine] = ["\u001b[?25l", "\u001b[?25h", "\u001b[2K"];
      expect(code).toBe(0);
      expect(screen).toContain("\u001b[32m");
      expect(screen).toContain(eraseLine);
      const answer = screen.slice(screen.indexOf("Answer"));
      expect(answer).not.toContain(eraseLine);
      expect(screen.lastIndexOf(show), "the cursor is shown again").toBeGreaterThan(screen.lastIndexOf(hide));

      const { stdout: plain } = await terminal("export TERM=xterm NO_COLOR=1;");
      expect(plain).toContain(eraseLine);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours end with an m.
      expect(plain).not.toMatch(/\u001b\[\d+m/);
    },
  );

  // The last of these tests, because it ends the platform.
  test("when restate-server dies the platform ends with exit code 1 and says so", async () => {
    process.kill(platform.state.pids.restateServer, "SIGKILL");
    const { code, stderr } = await platform.outcome;
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^restate-server was killed\. Its log: .*restate\.log$/,
    );
    expect(code).toBe(1);
  });
});

describe("however it ends, nothing is left behind", () => {
  afterEach(() => project.nothingLeft());

  const signalGroup = (pid: number | undefined, signal: NodeJS.Signals) => process.kill(-Number(pid), signal);

  test("Ctrl-C, repeated as npm does, while the model is silent", async () => {
    const { child, outcome, stderr } = project.start(["start", "--fault", "openai:hang"]);
    await eventually(() => stderr().includes("asking the model"), stderr);
    expect(project.state()?.pids.platform).toBe(child.pid);
    signalGroup(child.pid, "SIGINT");
    signalGroup(child.pid, "SIGINT");
    const { code, stderr: said } = await outcome;
    expect(said.trimEnd().split("\n").at(-1)).toBe("Ended before the answer.");
    expect(code).toBe(1);
  });

  test("Ctrl-C while it starts, without what earlier platforms left", async () => {
    expect(existsSync(join(project.root, ".fanout/data/deployed.json"))).toBe(true);
    const { child, outcome, stderr } = project.start(["up", "--fresh"]);
    await eventually(() => stderr().includes("Bundling"), stderr);
    signalGroup(child.pid, "SIGINT");
    expect(await outcome).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/Ready|Error/) });
    expect(existsSync(join(project.root, ".fanout/data/deployed.json"))).toBe(false);
  });

  test("demo crash kills three processes under a run; nothing ran again, the write arrived once", async () => {
    // It needs nothing of the project's.
    renameSync(join(project.root, "functions"), join(project.root, "gone"));
    const { code, stdout, stderr } = await project.fanout(["demo", "crash"]);
    renameSync(join(project.root, "gone"), join(project.root, "functions"));
    expect(stdout).toContain("✓ no call ran again that had finished before a kill: tides, moon, harbour (");
    expect(stdout).toContain("✓ the write arrived once: 1 note in the mailbox, delivered 1 time\n");
    expect(stderr.match(/SIGKILL: .*(look_up|CrashDemoAgent|restate-server) \(process \d+\)/g)).toHaveLength(
      3,
    );
    expect(stderr).not.toContain("arn:");
    expect(code).toBe(0);
  });

  /** An agent whose code is another one from now on. */
  const AGENT = "functions/agents/parallel-tool-agent/agent.ts";
  let id: string;

  test("SIGKILL, in the middle of a run", async () => {
    const { child, outcome, state } = await project.up("--fault", "finnhub:hang=true");
    const response = await fetch(`${state.ingressUrl}/restate/send/ParallelToolAgent/run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ message: QUESTION }),
    });
    id = ((await response.json()) as { invocationId: string }).invocationId;
    const calls = () =>
      query<{ status: string }>(
        { url: state.adminUrl },
        `SELECT status FROM sys_invocation WHERE invoked_by_id = '${id}' ORDER BY status`,
      );
    await expect
      .poll(async () => (await calls()).map(({ status }) => status), { timeout: 40_000 })
      .toEqual(["completed", "completed", "completed", "running"]);
    expect(project.processes().length).toBeGreaterThan(5);
    child.kill("SIGKILL");
    expect((await outcome).code).toBe("SIGKILL");
  });

  test("SIGTERM of npx, which reaches only a shell; the next platform goes on with the run", async () => {
    const source = readFileSync(join(project.root, AGENT), "utf8");
    writeFileSync(join(project.root, AGENT), source.replace(/description:\s+"/, "$&Changed. "));
    writeFileSync(join(project.root, ".fanout/data/restate-server-version"), "0.0.1");
    const { child, outcome, stderr } = project.npx(["up", "--fault", "finnhub:latencyMs=2000"]);
    const { pids, ingressUrl, adminUrl, lambdaUrl } = await eventually(() => project.state(), stderr);
    await eventually(() => stderr().includes(`A run goes on:\n  ${id} (ParallelToolAgent)\n`), stderr);
    const attached = await fetch(`${ingressUrl}/restate/attach/${id}`);
    const { answer, toolCalls } = (await attached.json()) as AgentOutput;
    expect(answer).toContain("- Tokyo, Japan: 18.4 °C");
    expect(toolCalls.map(({ status }) => status)).toEqual(["ok", "ok", "ok", "ok"]);
    const { functions } = (await (await fetch(`${lambdaUrl}/_stats`)).json()) as Stats;
    const ran = ["get_weather", "get_exchange_rate", "get_stock_price"];
    expect(
      ran.map((tool) => functions[`fanout-${tool}`]?.invocations),
      "only what had not ended",
    ).toEqual([0, 0, 1]);
    const [onVersion] = await query<{ pinned: string; newest: string }>(
      { url: adminUrl },
      `SELECT i.pinned_deployment_id AS pinned, s.deployment_id AS newest FROM sys_invocation i
       JOIN sys_service s ON s.name = i.target_service_name WHERE i.id = '${id}'`,
    );
    expect(onVersion?.pinned, "the version it began on").toMatch(/^dp_/);
    expect(onVersion?.newest).not.toBe(onVersion?.pinned);
    expect(stderr()).toMatch(
      /^The data was written by restate-server 0\.0\.1; from now on [\d.]+ writes it\.$/m,
    );

    expect(pids.platform).not.toBe(child.pid);
    child.kill("SIGTERM");
    await outcome;
    await eventually(() => project.state() === undefined, stderr);
  });
});

/** The status with which a port answers a web page that has made its own name lead here; "no HTTP" if it answers nothing. */
function asPage(port: number, path: string): Promise<number | "no HTTP"> {
  return new Promise((resolve) => {
    const headers = { host: "page.example", origin: "https://page.example" };
    const asked = request({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", () => resolve("no HTTP"));
    // Postgres reads a message's length from the first bytes, and waits for the rest of it.
    asked.setTimeout(2000, () => asked.destroy(new Error("no answer")));
    asked.end();
  });
}

/** Takes a port; if somebody else has it already, that is as good. */
function occupy(port: number): Promise<{ stop(): void }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve({ stop() {} }) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => resolve({ stop: () => void server.close() }));
  });
}
