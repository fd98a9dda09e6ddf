import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Cluster } from "./support/cluster.ts";
import { openConversation } from "./support/conversation.ts";
import { ROOT } from "./support/imports.ts";
import { answer, calls, oneByOne, type Reply } from "./support/script.ts";
import { KEYS, openTerminal, type Terminal } from "./support/terminal.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });
const guarded = (id: string) => ({ id, name: "guarded", input: { id, amount: 1 } });
const ENV = { PATH: process.env.PATH ?? "", TERM: "xterm", NO_COLOR: "1" };

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startWarmCluster("v7");
});
afterAll(() => cluster?.stop());
beforeEach(() => cluster.gate.use((id) => `told ${id}`));

const where = () => ["--url", cluster.restate.ingressUrl, "--admin-url", cluster.restate.adminUrl];

/** What the model was given last, as roles and texts. */
const givenLast = () =>
  cluster.modelRequests
    .at(-1)
    ?.messages.filter(({ role }) => role !== "system")
    .map(({ role, content }) => `${role}: ${content ?? ""}`);

describe.runIf(process.platform === "linux")("fanout chat at a terminal", () => {
  let terminal: Terminal;
  const open = (program: string, ...flags: string[]) => {
    const all = ["chat", "--agent", "TestAgent", ...where(), ...flags];
    terminal = openTerminal(`${program} ${all.join(" ")}`, ROOT, ENV);
  };
  const chat = async (...flags: string[]) => {
    open("node bin/fanout.ts", ...flags);
    await shows("Conversation \\S+ with TestAgent");
    await prompts(1);
    return /Conversation (\S+) with TestAgent/.exec(terminal.shown())?.[1] ?? "";
  };
  afterEach(() => terminal?.close());

  const shows = (what: string) => expect.poll(() => terminal.shown()).toMatch(new RegExp(what));
  /** Waits until it has asked for a message that many times. */
  const prompts = (times: number) => expect.poll(() => terminal.count("\n> ")).toBeGreaterThanOrEqual(times);

  test("the second message knows the first; the chat ends with how to go on, and that goes on", async () => {
    await cluster.use(
      oneByOne(calls(gate("a")), answer("It is a."), answer("It was a."), answer("Still a.")),
    );
    const id = await chat();
    terminal.enter("What is it?");
    await shows('gate .*ok {2}id="a"\r\n[^]*It is a\\.\r\n {2}\\d+\\.\\d\\d s, 2 model turns, 1 call, ');
    terminal.enter("What was it?");
    await shows("It was a\\.");
    expect(givenLast()).toEqual([
      "user: What is it?",
      "assistant: ",
      expect.stringMatching(/^tool: .*told a/),
      "assistant: It is a.",
      "user: What was it?",
    ]);
    terminal.type(KEYS.ctrlD);
    expect(await terminal.ended).toBe(0);
    const flags = `--agent TestAgent ${where().join(" ")} --conversation ${id}`;
    expect(terminal.shown()).toContain(`Go on with: npx fanout chat ${flags}\r\n`);

    expect(await chat("--conversation", id)).toBe(id);
    expect(terminal.shown()).toMatch(
      /> What is it\?\r\n {2}gate id="a": ok\r\nIt is a\.\r\n\r\n> What was it\?\r\nIt was a\.\r\n/,
    );
    terminal.enter("And now?");
    await shows("Still a\\.");
    expect(givenLast()).toHaveLength(7);
  });

  test("Ctrl-C cancels the run in progress; at the prompt it ends the chat", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.gate.use(() => promise);
    await cluster.use(oneByOne(calls(gate("a")), answer("Enough.")));
    // npm repeats the terminal's Ctrl-C.
    open("npx fanout");
    await prompts(1);
    terminal.enter("Wait.");
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    terminal.type(KEYS.ctrlC);
    await shows("The run was cancelled\\.");
    resolve();
    terminal.enter("Go on.");
    await shows("Enough\\.");
    expect(givenLast()).toEqual([
      "user: Wait.",
      "assistant: ",
      expect.stringContaining("may have taken effect"),
      "user: Go on.",
    ]);
    await prompts(3);
    terminal.type(KEYS.ctrlC);
    await terminal.ended;
    expect(terminal.shown()).toContain("Go on with: npx fanout chat");
  });

  test("by the ingress alone, too, Ctrl-C cancels the run in progress", async () => {
    cluster.gate.use(() => new Promise(() => {}));
    await cluster.use(oneByOne(calls(gate("a")), answer("Enough.")));
    const url = `--url ${cluster.restate.ingressUrl}`;
    terminal = openTerminal(`node bin/fanout.ts chat --agent TestAgent ${url}`, ROOT, ENV);
    await prompts(1);
    terminal.enter("Wait.");
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    terminal.type(KEYS.ctrlC);
    await shows("The run was cancelled\\.");
    cluster.gate.open();
    terminal.enter("Go on.");
    await shows("Enough\\.");
  });

  test("a second Ctrl-C leaves alone a run that does not end, and a call's question is left by one", async () => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    await cluster.use(() => promise);
    await chat();
    terminal.enter("Wait.");
    await expect.poll(() => cluster.modelRequests).toHaveLength(1);
    terminal.type(KEYS.ctrlC);
    await shows("Cancelling the run; Ctrl-C again leaves it alone\\.");
    // One that comes soon after another is npm's repetition.
    const interrupted = () => {
      terminal.type(KEYS.ctrlC);
      return terminal.shown();
    };
    await expect.poll(interrupted).toMatch(/The run goes on\. Cancel it with: npx fanout cancel inv_\w+/);
    await terminal.close();
    resolve(answer("Late."));
    await cluster.use(oneByOne(calls(guarded("g")), answer("Done.")));
    await chat();
    terminal.enter("Pay.");
    await shows("Approve it\\?");
    terminal.type(KEYS.ctrlC);
    await shows("The run was cancelled\\.");
    expect(cluster.gate.history).toEqual([]);
    await prompts(2);
    terminal.type(KEYS.ctrlC);
    expect(await terminal.ended).toBe(0);
  });

  test("a call that waits for an approval is answered there", async () => {
    await cluster.use(oneByOne(calls(guarded("g")), answer("Done.")));
    await chat();
    terminal.enter("Pay.");
    await shows("guarded is to be given:");
    await shows("Approve it\\?");
    expect(cluster.gate.history).toEqual([]);
    terminal.enter("y");
    await shows("Done\\.");
    expect(cluster.gate.history).toEqual(["arrived g", "left g"]);
  });

  test("a platform that goes away in a run, and between two, is waited for", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.gate.use(() => promise);
    await cluster.use(oneByOne(calls(gate("a")), answer("It is a."), answer("It was a.")));
    await chat();
    terminal.enter("What is it?");
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    await cluster.crashServer(() =>
      shows(`${cluster.restate.ingressUrl} does not answer\\. Waiting for it\\.`),
    );
    await shows("answers again\\.");
    resolve();
    await shows("It is a\\.");
    await prompts(2);
    const again = cluster.crashServer();
    terminal.enter("What was it?");
    await again;
    await shows("It was a\\.");
    expect(givenLast()).toHaveLength(5);
  });

  test("commands: a new conversation, a copy, what was said, and an unknown one", async () => {
    await cluster.use(oneByOne(answer("One."), answer("Two."), answer("Three.")));
    const id = await chat();
    terminal.enter("First?");
    await shows("One\\.");
    terminal.enter("/fork copy");
    await shows("Now in conversation copy\\.");
    terminal.enter("Second?");
    await shows("Two\\.");
    expect(givenLast()).toEqual(["user: First?", "assistant: One.", "user: Second?"]);
    terminal.enter("/new");
    await shows("Go on with: .*--conversation copy");
    await prompts(5);
    terminal.enter("Third?");
    await shows("Three\\.");
    expect(givenLast()).toEqual(["user: Third?"]);
    terminal.enter("/history");
    await shows("> Third\\?\r\nThree\\.\r\n");
    terminal.enter("/reset");
    await shows("Forget all that was said\\?");
    terminal.enter("y");
    await shows("It is forgotten\\.");
    terminal.enter("/nothing");
    await shows(
      'Unknown command "/nothing"\\. Commands: /new, /history, /fork \\[id\\], /reset, /help, /quit\\.',
    );
    terminal.enter("/quit");
    expect(await terminal.ended).toBe(0);
    const { messages } = await openConversation(cluster, id).history();
    expect(messages).toHaveLength(2);
  });

  test("lines that are pasted are one message; a run in progress is gone on with", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.gate.use(() => promise);
    await cluster.use(oneByOne(calls(gate("a")), answer("It is a."), answer("Two lines.")));
    const talk = openConversation(cluster, randomUUID());
    await talk.begin("What is it?", { events: "calls" });
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    open("node bin/fanout.ts", "--conversation", talk.id);
    await shows("gate .*running");
    resolve();
    await shows("It is a\\.");
    await prompts(2);
    terminal.type("one\rtwo");
    terminal.type(KEYS.enter);
    await shows("Two lines\\.");
    expect(givenLast()?.at(-1)).toBe("user: one\ntwo");
  });
});

describe("fanout chat without a terminal", () => {
  const chat = async (lines: string, ...flags: string[]) => outcomeOf(start(lines, ...flags));
  const start = (lines: string, ...flags: string[]) => {
    const args = ["bin/fanout.ts", "chat", "--agent", "TestAgent", ...where(), ...flags];
    const child = spawn("node", args, { cwd: ROOT, env: ENV });
    child.stdin.end(lines);
    return child;
  };
  const outcomeOf = async (child: ReturnType<typeof start>) => {
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { stdout, stderr, code };
  };

  test("each line is a message; the answers come on stdout, what is called on stderr", async () => {
    await cluster.use(oneByOne(calls(gate("a")), answer("It is a."), answer("It was a.")));
    const { stdout, stderr, code } = await chat("What is it?\n\nWhat was it?\n");
    expect(stdout).toBe("It is a.\nIt was a.\n");
    expect(stderr).toMatch(/^\+\S+ s {2}gate id="a": ok after/m);
    expect(stderr).toMatch(/^Go on with: npx fanout chat .*--conversation \S+\n$/m);
    expect(code).toBe(0);
    expect(givenLast()).toHaveLength(5);
  });

  test("a message without an answer makes the exit code 1; the others are answered, as JSON if that is wanted", async () => {
    await cluster.use(oneByOne({ error: { message: "No more." }, status: 401 }, answer("Better.")));
    const { stdout, stderr, code } = await chat("One\nTwo\n", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ answer: "Better." });
    expect(stderr).toMatch(/^The run failed \(502\): /m);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe("1 of 2 messages got no answer.");
    expect(code).toBe(1);
  });

  test("Ctrl-C ends it, and leaves the run alone", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.gate.use(() => promise);
    await cluster.use(oneByOne(calls(gate("a")), answer("It is a.")));
    const child = start("What is it?\nWhat was it?\n");
    const outcome = outcomeOf(child);
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    child.kill("SIGINT");
    const { stdout, stderr, code } = await outcome;
    const [, run = ""] =
      /The run goes on\. Cancel it with: npx fanout cancel (inv_\w+)\n$/.exec(stderr) ?? [];
    resolve();
    expect(await cluster.outcome(run)).toMatchObject({ answer: "It is a." });
    expect([code, stdout]).toEqual([1, ""]);
  });

  test("an unknown agent and a server that is not there are said before anything is read", async () => {
    const unknown = await chat("Hi\n", "--agent", "Nobody");
    expect(unknown.stderr).toMatch(/^No agent called "Nobody" is registered at .* Agents: .*TestAgent/);
    const nowhere = await chat("Hi\n", "--url", "http://127.0.0.1:1");
    expect(nowhere.stderr).toBe("Restate's ingress at http://127.0.0.1:1 does not answer. Is it running?\n");
    expect([unknown.code, unknown.stdout, nowhere.code, nowhere.stdout]).toEqual([1, "", 1, ""]);
  });
});
