import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query } from "../lib/restate/index.ts";
import { answerTo, asked } from "./support/approvals.ts";
import type { Cluster } from "./support/cluster.ts";
import { openConversation } from "./support/conversation.ts";
import { closed } from "./support/gate.ts";
import { answer, calls, oneByOne } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const COSTS = join(import.meta.dirname, "../docs/costs.md");
const done = answer("done");
const many = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `c${index}`, name, input: { id: `g${index}` } }));
const one = (name: string, input: unknown) => ({ id: "c", name, input });

/** What a run does, and the tools whose invocations count. */
const cases: [string, (cluster: Cluster) => Promise<unknown>][] = [
  ["no call", (cluster) => cluster.run(done)],
  ["1 read", (cluster) => cluster.run(calls(...many("gate", 1)), done)],
  ["8 reads", (cluster) => cluster.run(calls(...many("gate", 8)), done)],
  ["32 reads", (cluster) => cluster.run(calls(...many("gate", 32)), done)],
  [
    "8 reads in two turns",
    (cluster) => cluster.run(calls(...many("gate", 4)), calls(...many("gate", 4)), done),
  ],
  [
    "8 reads, all alike",
    (cluster) =>
      cluster.run(calls(...many("gate", 8).map((call) => ({ ...call, input: { id: "g" } }))), done),
  ],
  [
    "8 reads of a tool limited to 3 at once, by a scope",
    (cluster) => cluster.run(calls(...many("narrow", 8)), done),
  ],
  [
    "8 reads with `maxParallelCalls: 1`",
    (cluster) => cluster.runWith({ maxParallelCalls: 1 }, calls(...many("gate", 8)), done),
  ],
  [
    "4 reads with `parallelToolCalls: false`",
    (cluster) => cluster.runWith({ parallelToolCalls: false }, calls(...many("gate", 4)), done),
  ],
  [
    "1 read that times out",
    (cluster) => {
      cluster.gate.use(closed);
      return cluster.run(calls(one("slow", { id: "g" })), done);
    },
  ],
  ["1 read that fails for good", (cluster) => cluster.run(calls(one("fails", { how: "for-good" })), done)],
  [
    "1 read that succeeds at its third try",
    (cluster) => cluster.run(calls(one("fails", { how: "twice" })), done),
  ],
  ["1 call with invalid input", (cluster) => cluster.run(calls(one("gate", { id: 5 })), done)],
  ["1 write", (cluster) => cluster.run(calls(one("record", { id: "g" })), done)],
  [
    "2 reads, a write, 2 reads",
    (cluster) => {
      const [a, b, c, d] = many("gate", 4) as [never, never, never, never];
      return cluster.run(calls(a, b, { ...one("record", { id: "w" }) }, c, d), done);
    },
  ],
  [
    "1 composite of 8 tools",
    (cluster) =>
      cluster.run(calls(one("composite", { ids: many("gate", 8).map(({ input }) => input.id) })), done),
  ],
  [
    "1 composite of 8 durable steps",
    (cluster) => cluster.run(calls(one("steps", { numbers: [1, 2, 3, 4, 5, 6, 7, 8] })), done),
  ],
  [
    "8 turns of 8 reads, 120 kB in all",
    (cluster) => {
      cluster.gate.use(() => "x".repeat(1800));
      const turn = (number: number) =>
        many("gate", 8).map((call) => ({ ...call, id: `t${number}${call.id}` }));
      return cluster.run(...Array.from({ length: 8 }, (_, number) => calls(...turn(number))), done);
    },
  ],
  [
    "`maxToolCalls: 4` of 8 reads",
    (cluster) => cluster.runWith({ limits: { maxToolCalls: 4 } }, calls(...many("gate", 8)), done),
  ],
  [
    '8 reads with `events: "turns"`',
    (cluster) => cluster.runWith({ events: "turns" }, calls(...many("gate", 8)), done),
  ],
  [
    "8 reads with `events: true`",
    (cluster) => cluster.runWith({ events: true }, calls(...many("gate", 8)), done),
  ],
  ["1 read that is approved", (cluster) => answered(cluster, true, ...many("guarded", 1))],
  ["1 read that is denied", (cluster) => answered(cluster, false, ...many("guarded", 1))],
  [
    "8 reads, 2 of them approved",
    (cluster) => {
      const guarded = many("guarded", 2).map((call) => ({ ...call, id: `a${call.id}` }));
      return answered(cluster, true, ...guarded, ...many("gate", 6));
    },
  ],
  [
    "1 composite of 1 tool that also waits for somebody outside",
    async (cluster) => {
      const run = await cluster.begin(calls(one("composite", { ids: ["g"], waits: [{ name: "n" }] })), done);
      await expect.poll(() => cluster.gate.history, { timeout: 10_000 }).toContain("left g");
      await cluster.call(`/restate/call/RunEvents/${run}/resolve`, { name: "n", value: { paid: 1 } });
      await cluster.outcome(run);
    },
  ],
  [
    "a message of a conversation, without a call",
    async (cluster) => {
      await cluster.use(oneByOne(done));
      await openConversation(cluster, "costs").send("Go.");
    },
  ],
  [
    "a message of a conversation, with 8 reads",
    async (cluster) => {
      await cluster.use(oneByOne(calls(...many("gate", 8)), done));
      await openConversation(cluster, "costs").send("Go.");
    },
  ],
  [
    "a message before which the history is summarised",
    async (cluster) => {
      const talk = openConversation(cluster, "long");
      for (const letter of ["a", "b"]) {
        await cluster.use(oneByOne(done));
        await talk.send(letter.repeat(90_000));
      }
      await cluster.use(oneByOne(done));
      await talk.send("Go.");
    },
  ],
];

/** A run whose calls are all answered in the same way. */
async function answered(
  cluster: Cluster,
  approve: boolean,
  ...turn: Parameters<typeof calls>
): Promise<void> {
  const run = await cluster.begin(calls(...turn), done);
  const count = turn.filter(({ name }) => name === "guarded").length;
  for (const { id } of (await asked(cluster, run, count)).values())
    await answerTo(cluster, run, { approval: id, approve });
  await cluster.outcome(run);
}

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startWarmCluster("v7", { scopes: true });
});
afterAll(() => cluster?.stop());

/** What a run has sent and does not wait for. */
const beingTold = (cluster: Cluster) =>
  query(
    { url: cluster.restate.adminUrl },
    "SELECT id FROM sys_invocation WHERE target_service_name IN ('RunEvents', 'TestAgentConversation') AND status NOT IN ('completed', 'scheduled')",
  );

test("docs/costs.md says what each feature costs, as counted at the Lambda API", async () => {
  const rows = ["| run | agent | tools |", "| --- | --- | --- |"];
  for (const [name, run] of cases) {
    cluster.gate.use(() => {});
    await run(cluster);
    await expect.poll(() => beingTold(cluster)).toEqual([]);
    const { agent, ...tools } = cluster.lambda.stats().functions;
    const total = Object.values(tools).reduce((sum, { invocations }) => sum + invocations, 0);
    rows.push(`| ${name} | ${agent?.invocations} | ${total} |`);
  }
  const table = /<!-- costs -->\n([\s\S]*)\n<!-- \/costs -->/.exec(readFileSync(COSTS, "utf8"))?.[1];
  expect(table, "put the received table into docs/costs.md").toBe(rows.join("\n"));
});
