import * as z from "zod";
import type { Callee } from "../call/index.ts";
import { readSetting } from "../runtime/index.ts";

/** The service by which tools, which are private, are called from outside any run. */
export const TOOL_CALLS = "ToolCalls";

/** Setting: the tools that may be called from outside any run, as {@link exposedSetting} writes them. Empty: none. */
export const EXPOSED_TOOLS = "EXPOSED_TOOLS";

/** What the setting says of a tool, in few bytes: its timeout in s, its `maxResultBytes`, and how long an approval is waited for, if it needs one. */
const facts = z.tuple([z.number(), z.number()]).rest(z.number());
const exposed = z.record(z.string(), facts);

type Contract = Required<Pick<Callee, "name" | "timeout" | "maxResultBytes" | "approval" | "expires">>;

/** The setting's value. A function that decides about approvals stays with its tool, so here each call of that tool needs one. */
export function exposedSetting(tools: readonly Contract[]): string {
  if (tools.length === 0) return "";
  const entries = tools.map(({ name, timeout, maxResultBytes, approval, expires }) => [
    name,
    [timeout.seconds, maxResultBytes, ...(approval === "never" ? [] : [expires.seconds])],
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** The tools that the deployment exposes, by their names. */
export function readExposed(): ReadonlyMap<string, Callee> {
  const entries = exposed.parse(JSON.parse(readSetting(EXPOSED_TOOLS, "{}")));
  return new Map(
    Object.entries(entries).map(([name, [seconds, maxResultBytes, expires]]) => [
      name,
      {
        name,
        timeout: { seconds },
        maxResultBytes,
        ...(expires !== undefined && { approval: "always" as const, expires: { seconds: expires } }),
      },
    ]),
  );
}
