import {
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readStuckRuns, redrive } from "../lib/operate/index.ts";
import { MANY_TRIES } from "../lib/restate/stuck.ts";
import { eventually } from "./support/eventually.ts";
import { Refusal } from "./support/gate.ts";
import { startInstallation, type TestInstallation } from "./support/installation.ts";

describe("redrive", () => {
  let fanout: TestInstallation;
  beforeAll(async () => {
    fanout = await startInstallation();
  });
  afterAll(() => fanout?.stop());
  beforeEach(() =>
    fanout.gate.use(() => {
      throw new Refusal(
        "No. arn:aws:lambda:us-east-1:000000000000:function:x:1 said so\n    at secret.ts:1:1",
      );
    }),
  );
  const paused = async (...ids: string[]) => {
    const runs: string[] = [];
    for (const id of ids) runs.push(await fanout.send("stuck", id));
    await eventually(async () =>
      (await readStuckRuns(fanout, fanout.services)).map(({ id }) => id).sort(),
    ).toEqual([...runs].sort());
    return runs as [string, ...string[]];
  };

  test("lists a paused run with its reason in one clean line; resumes it; cancels another", async () => {
    const [one, other] = (await paused("one", "other")) as [string, string];
    expect(await readStuckRuns(fanout, fanout.services)).toContainEqual({
      id: one,
      service: "stuck",
      handler: "run",
      state: "paused",
      since: expect.stringMatching(/^20.*Z$/),
      tries: undefined,
      reason: "No. [arn] said so",
    });
    fanout.gate.use(() => {});
    await redrive(fanout, one, { kind: "resume", onLatest: false });
    expect(await fanout.outcome(one)).toEqual({ id: "one" });
    await redrive(fanout, other, { kind: "cancel" });
    expect(await fanout.outcome(other)).toMatch(/cancelled/i);
    expect(await readStuckRuns(fanout, fanout.services)).toEqual([]);
    await expect(redrive(fanout, one, { kind: "resume", onLatest: false })).rejects.toThrow(
      `The run ${one} has ended already.`,
    );
    await expect(redrive(fanout, "inv_none", { kind: "cancel" })).rejects.toThrow(
      'There is no run "inv_none"',
    );
  });

  test("resumes on the newest version a run whose own version is gone", async () => {
    const [run] = await paused("gone");
    const own = fanout.host.arn("fanout-stuck").split(":").at(-1) as string;
    await fanout.deploy("stuck");
    await fanout.lambda.send(new DeleteFunctionCommand({ FunctionName: "fanout-stuck", Qualifier: own }));
    fanout.gate.use(() => {});
    await redrive(fanout, run, { kind: "resume", onLatest: true });
    expect(await fanout.outcome(run)).toEqual({ id: "gone" });
  });

  test("lists what is tried again and again, with how often and why", async () => {
    const FunctionName = "fanout-gate";
    fanout.gate.use(() => {});
    await fanout.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }),
    );
    const run = await fanout.send("gate", "throttled");
    await eventually(() => readStuckRuns(fanout, fanout.services)).toEqual([
      expect.objectContaining({
        id: run,
        service: "gate",
        state: "retrying",
        reason: "Lambda: TooManyRequestsException: Rate Exceeded.",
      }),
    ]);
    const [stuck] = await readStuckRuns(fanout, fanout.services);
    expect(stuck?.tries).toBeGreaterThan(MANY_TRIES);
    await fanout.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    await redrive(fanout, run, { kind: "resume", onLatest: false });
    expect(await fanout.outcome(run)).toEqual({ id: "throttled" });
  });
});
