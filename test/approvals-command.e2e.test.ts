import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { runCommandLine } from "../lib/cli/index.ts";
import { findQuestion } from "../lib/cli/run/approvals.ts";
import { linesOf, parseLog } from "../lib/cli/run/log-lines.ts";
import { readRecord } from "../lib/cli/run/record.ts";
import { cancelInvocation, killInvocation } from "../lib/restate/index.ts";
import { answerTo, asked } from "./support/approvals.ts";
import type { Cluster } from "./support/cluster.ts";
import { answer, calls, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const guarded = (id: string, amount = 1) => ({ id, name: "guarded", input: { id, amount } });

let cluster: Cluster;
let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "fanout-approvals-"));
  cluster = await startWarmCluster("v7");
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(root, { recursive: true });
});

let stdout: string[];
let stderr: string[];
beforeEach(() => {
  cluster.gate.use(() => {});
  vi.spyOn(process.stdout, "write").mockImplementation((text) => stdout.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => stderr.push(String(text)) > 0);
});
afterEach(() => vi.restoreAllMocks());

const admin = () => ({ url: cluster.restate.adminUrl });
const ingress = () => ["--url", cluster.restate.ingressUrl];
const everywhere = () => [...ingress(), "--admin-url", cluster.restate.adminUrl];

async function fanout(...args: string[]) {
  stdout = [];
  stderr = [];
  const code = await runCommandLine(args, {
    root,
    loadRoster: async () => ({ tools: [], agents: [] }),
    loadStandIns: async () => ({}),
    loadDefaults: async () => ({}),
  });
  return { code, stdout: stdout.join(""), stderr: stderr.join("") };
}
const listed = async (...args: string[]) => JSON.parse((await fanout("approvals", "--json", ...args)).stdout);

/** Begins a run with calls that wait. @returns its id, and the approvals of these calls. */
async function begin(...all: ReturnType<typeof guarded>[]) {
  const run = await cluster.begin(calls(...all), answer("Done."));
  const open = await asked(cluster, run, all.length);
  return { run, ids: all.map(({ id }) => open.get(id)?.id ?? "") };
}

describe("fanout approvals", () => {
  test("lists what waits in all runs, and in one by the ingress alone", async () => {
    const one = await begin(guarded("a"), guarded("b"));
    const two = await begin(guarded("c"));
    const all = await listed(...everywhere());
    expect(all.map(({ approval }: { approval: string }) => approval).toSorted()).toEqual(
      [...one.ids, ...two.ids].toSorted(),
    );
    expect(all.at(-1)).toEqual({
      approval: two.ids[0],
      run: two.run,
      agent: "TestAgent",
      call: "c",
      part: false,
      tool: "guarded",
      input: { id: "c", amount: 1 },
      schema: expect.anything(),
      askedAt: expect.any(Number),
      expiresAt: all.at(-1).askedAt + 86_400_000,
    });
    expect(await listed(...ingress(), "--run", two.run)).toMatchObject([{ approval: two.ids[0] }]);
    const { stdout } = await fanout("approvals", ...everywhere());
    expect(stdout).toMatch(
      new RegExp(
        `^${two.ids[0]}  guarded  +\\d s  24 h\n  id="c" amount=1\n  c of TestAgent ${two.run}$`,
        "m",
      ),
    );
    expect(await fanout("approvals", ...ingress())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Which run? Add --run"),
    });
    for (const id of [...one.ids, ...two.ids]) await fanout("approvals", "deny", id, ...everywhere());
    expect((await fanout("approvals", ...everywhere())).stdout).toBe("No call waits for an approval.\n");
  });

  test("leaves out what a killed or a cancelled run has left behind", async () => {
    const killed = await begin(guarded("a"));
    const cancelled = await begin(guarded("b"));
    await killInvocation(admin(), killed.run);
    await cancelInvocation(admin(), cancelled.run);
    await expect.poll(() => listed(...everywhere())).toEqual([]);
    expect(await listed(...ingress(), "--run", killed.run)).toEqual([]);
    expect(await readRecord(admin(), killed.run)).toMatchObject({
      state: "cancelled",
      approvals: [{ state: "over" }],
    });
    const late = await fanout("approvals", "approve", killed.ids[0] ?? "", ...everywhere());
    expect(late.stderr).toContain("Nobody waits for this approval any more: the run is over.");
    expect(late.code).toBe(1);
  });
});

describe("fanout approvals approve and deny", () => {
  test("answer a call by its approval's id, with the whole input shown", async () => {
    const long = "x".repeat(500);
    const { run, ids } = await begin(guarded("a"), guarded(long));
    const [a = "", b = ""] = ids;
    const approved = await fanout("approvals", "approve", b, "--by", "ann", ...everywhere());
    expect(approved).toMatchObject({ code: 0, stderr: expect.stringContaining(`"id": "${long}"`) });
    expect(approved.stdout).toMatch(`${b} (guarded, of ${run}) is approved by ann, at `);
    const denied = await fanout(
      "approvals",
      "deny",
      a,
      "--reason",
      "No.",
      "--json",
      "--run",
      run,
      ...ingress(),
    );
    expect(JSON.parse(denied.stdout)).toMatchObject({
      run,
      approval: a,
      decision: "denied",
      reason: "No.",
      by: userInfo().username,
    });
    const { toolCalls } = await cluster.outcome(run);
    expect(toolCalls.map(({ status }) => status)).toEqual(["denied", "ok"]);
  });

  test("change the input, and say why it does not fit", async () => {
    const { run, ids } = await begin(guarded("a", 100));
    const [a = ""] = ids;
    const approve = (amount: unknown) =>
      fanout("approvals", "approve", a, "--input", JSON.stringify({ id: "a", amount }), ...everywhere());
    expect(await approve("x")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('input: amount: expected number, got "x"'),
    });
    expect(await approve(5)).toMatchObject({ code: 0, stderr: expect.stringContaining("In place of that:") });
    expect((await cluster.outcome(run)).toolCalls).toMatchObject([
      { status: "ok", approval: { input: { id: "a", amount: 5 } } },
    ]);
  });

  test("answer once, and say so when it was answered otherwise; no unknown one", async () => {
    const { run, ids } = await begin(guarded("a"));
    const [a = ""] = ids;
    const first = await fanout("approvals", "approve", a, "--by", "ann", ...everywhere());
    const again = await fanout("approvals", "approve", a, "--by", "bob", ...everywhere());
    expect([again.code, again.stdout]).toEqual([0, first.stdout]);
    const other = await fanout("approvals", "deny", a, ...everywhere());
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringContaining("It was approved already by ann"),
    ]);
    for (const where of [everywhere(), [...ingress(), "--run", run]])
      expect(await fanout("approvals", "deny", "ap_none", ...where)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('There is no approval "ap_none"'),
      });
    await cluster.outcome(run);
  });
});

describe("a run with calls that wait", () => {
  test("is shown with who has decided, and with what waits still", async () => {
    const hasty = { id: "late", name: "hasty", input: { id: "late" } };
    const { run, ids } = await begin(guarded("yes"), guarded("no"), guarded("open"));
    const [yes = "", no = "", open = ""] = ids;
    const changed = { id: "yes", amount: 5 };
    await answerTo(cluster, run, { approval: yes, approve: true, by: "ann", input: changed });
    await answerTo(cluster, run, { approval: no, approve: false, reason: "Too much.", by: "bob" });
    await expect
      .poll(async () => (await readRecord(admin(), run)).turns[0]?.calls.map(({ state }) => state))
      .toEqual(["ok", "failed", "running"]);
    const { turns, approvals } = await readRecord(admin(), run);
    expect(turns[0]?.calls).toMatchObject([
      { id: "yes", tool: "guarded", input: { id: "yes", amount: 1 }, output: expect.anything() },
      { id: "no", tool: "guarded", failure: "Not called: denied by bob: Too much." },
      { id: "open", tool: "guarded" },
    ]);
    // They are asked at once, and come in any order.
    expect(Object.fromEntries(approvals?.map(({ call, state }) => [call, state]) ?? [])).toEqual({
      yes: "approved",
      no: "denied",
      open: "waiting",
    });
    const shown = async (id: string) => {
      vi.stubEnv("FANOUT_TARGET", "existing");
      vi.stubEnv("RESTATE_ADMIN_URL", cluster.restate.adminUrl);
      vi.stubEnv("RESTATE_INGRESS_URL", cluster.restate.ingressUrl);
      vi.stubEnv("RESTATE_API_KEY_SECRET", "restate/api-key");
      vi.stubEnv("RESTATE_INVOKER_ROLE_ARN", "arn:aws:iam::123456789012:role/restate");
      const { stdout } = await fanout("show", id);
      vi.unstubAllEnvs();
      return stdout;
    };
    const text = await shown(run);
    expect(text).toMatch(
      new RegExp(`^guarded  yes  ${yes}  approved by ann at .* UTC, with \\{"id":"yes","amount":5\\}$`, "m"),
    );
    expect(text).toMatch(new RegExp(`^guarded  no  ${no}  denied by bob at .* UTC: Too much.$`, "m"));
    expect(text).toMatch(
      new RegExp(
        `^guarded  open  ${open}  waits until .* UTC, answer with: npx fanout approvals approve ${open}$`,
        "m",
      ),
    );
    await answerTo(cluster, run, { approval: open, approve: false });
    await cluster.outcome(run);

    const late = await cluster.begin(calls(hasty), answer("Done."));
    await cluster.outcome(late);
    expect(await shown(late)).toMatch(/^hasty {2}late {2}ap_\w+ {2}expired at .* UTC$/m);
  });

  test("tells in the log of the run what was decided", async () => {
    const { run, ids } = await begin(guarded("a"));
    await fanout("approvals", "deny", ids[0] ?? "", "--by", "ann", "--reason", "No.", ...everywhere());
    await cluster.outcome(run);
    const decided = () =>
      linesOf(parseLog(cluster.log.map((line) => `f ${line}`).join("\n"), []), run)
        .map(({ message }) => message as Record<string, unknown>)
        .filter(({ event }) => event === "approval answered");
    await expect
      .poll(decided)
      .toMatchObject([{ run, call: "a", approval: ids[0], tool: "guarded", decision: "denied", by: "ann" }]);
    expect(JSON.stringify(decided())).not.toContain("No.");
  });

  test.each([[[]], [["--json"]]])("is asked with a line that says how to answer, with %j", async (flags) => {
    await cluster.use(replies(calls(guarded("a")), answer("Done.")));
    const asking = fanout("ask", "Go.", "--agent", "TestAgent", ...flags, ...everywhere());
    const line =
      /guarded id="a" amount=1: waits for an approval until \S+ \S+ UTC, answer with: npx fanout approvals approve (ap_\w+)\n/;
    await expect.poll(() => stderr.join("")).toMatch(line);
    const { run, approval } = await runThatWaits(stderr.join(""));
    await answerTo(cluster, run, { approval, approve: true, by: "ann" });
    const { code, stderr: told, stdout: out } = await asking;
    expect(code).toBe(0);
    expect(told).toContain('guarded id="a" amount=1: approved by ann\n');
    if (flags.length > 0) expect(JSON.parse(out)).toMatchObject({ answer: "Done." });
  });

  test("is asked with a sub-agent's question as well", async () => {
    const scripts = {
      parent: replies(
        calls({ id: "x", name: "StructuredAgent", input: { message: "Look." } }),
        answer("Yes."),
      ),
      child: replies(calls(guarded("g")), answer('{"city":"Tokyo","celsius":18.4}')),
    };
    await cluster.use((request) =>
      JSON.stringify(request.messages).includes("You are the parent.")
        ? scripts.parent(request)
        : scripts.child(request),
    );
    const asking = fanout("ask", "Go.", "--agent", "ParentAgent", ...everywhere());
    await expect.poll(() => stderr.join("")).toMatch(/guarded id="g" amount=1: waits for an approval/);
    const { run, approval } = await runThatWaits(stderr.join(""));
    await answerTo(cluster, run, { approval, approve: true });
    expect((await asking).code).toBe(0);
  });
});

/** The run that waits for an approval of a tool's call, read while another command is at work. */
async function runThatWaits(said: string): Promise<{ run: string; approval: string }> {
  const [, approval = ""] = /npx fanout approvals approve (ap_\w+)\n/.exec(said) ?? [];
  const { ingressUrl, adminUrl } = cluster.restate;
  const { run } = await findQuestion({ ingressUrl, adminUrl }, approval);
  return { run, approval };
}
