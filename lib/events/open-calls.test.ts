import { expect, test } from "vitest";
import type { Published } from "./event.ts";
import { withoutRepeats } from "./open-calls.ts";

const issued = (id: string) => ({ type: "call-issued", at: 0, path: [], id, tool: "t", input: {} }) as const;
const ended = (id: string, status: string, told?: true) =>
  ({
    type: "call-ended",
    at: 0,
    path: [],
    id,
    tool: "t",
    status,
    ...(told && { told }),
  }) as unknown as Published;
/** What is left of these batches, in short. */
function leaves(...batches: Published[][]): string[] {
  let open = {};
  return batches.flatMap((batch) => {
    const result = withoutRepeats(batch, open);
    open = result.open;
    return result.events.map((event) => `${event.type} ${"status" in event ? event.status : ""}`.trim());
  });
}

test.each([
  ["its function tells it first", [[issued("a")], [ended("a", "ok", true)], [ended("a", "ok")]], ["ok"]],
  ["its function is late", [[issued("a")], [ended("a", "timeout")], [ended("a", "ok", true)]], ["timeout"]],
  [
    "the agent knows better",
    [[issued("a")], [ended("a", "ok", true)], [ended("a", "timeout")]],
    ["ok", "timeout"],
  ],
  ["only the agent tells it", [[issued("a"), ended("a", "unknown-tool")]], ["unknown-tool"]],
  [
    "its function tells it twice",
    [[issued("a")], [ended("a", "ok", true)], [ended("a", "ok", true)]],
    ["ok"],
  ],
  ["nobody has issued it", [[ended("a", "ok", true)]], []],
])("what is left of a call's end where %s", (_, batches, statuses) => {
  expect(leaves(...batches).filter((event) => event.startsWith("call-ended"))).toEqual(
    statuses.map((status) => `call-ended ${status}`),
  );
});
