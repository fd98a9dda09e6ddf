import { calls, runTool, says, startPlatform, startStandIn } from "fanout/testing";
import { expect, test } from "vitest";
import agent from "../functions/agents/leave-agent/agent.ts";
import { service as requestLeave } from "../functions/tools/request_leave/handler.ts";
import standIn from "../functions/tools/request_leave/stand-in.ts";

/** The platform is a server and every function's bundle: it takes some seconds to start. */
const PATIENCE_MS = 120_000;
const LEAVE = { from: "2027-05-06", to: "2027-05-07" };

test("request_leave makes one request of one call, however often that is tried", async () => {
  await using provider = await startStandIn(standIn);
  const first = await runTool(requestLeave, LEAVE, { ...provider, idempotencyKey: "a" });
  const again = await runTool(requestLeave, LEAVE, { ...provider, idempotencyKey: "a", attempt: 2 });
  const other = await runTool(requestLeave, LEAVE, { ...provider, idempotencyKey: "b" });
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test("leave is requested once somebody has approved it", { timeout: PATIENCE_MS }, async () => {
  const model = [calls({ request_leave: LEAVE }), says("It is requested.")];
  await using platform = await startPlatform({ model });
  const leave = platform.client.agent<typeof agent>(agent.name);

  const { id } = await leave.start("Request leave for the bridge day.");
  await expect.poll(() => leave.approvals(id), { timeout: PATIENCE_MS }).toHaveLength(1);
  expect(platform.invocations("request_leave")).toBe(0);

  const [asked] = await leave.approvals(id);
  await leave.answer(id, asked?.approval ?? "", { approve: true });
  expect(await leave.result(id)).toMatchObject({ answer: "It is requested." });
  expect(platform.invocations("request_leave")).toBe(1);
});
