import fc from "fast-check";
import { expect, test } from "vitest";
import { placeTools, TOOLS_PER_STACK, type ToolStacks } from "./tool-stacks.ts";

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `t${1000 + n}`);
const sizes = (stacks: ToolStacks | undefined) =>
  Object.entries(stacks ?? {}).map(([stack, tools]) => [stack, tools.length]);

test("a project that fits into one stack has no others", () => {
  expect(placeTools(numbered(TOOLS_PER_STACK), undefined, [])).toBeUndefined();
});

test("many new tools fill the main stack, then one nested stack after the other", () => {
  expect(sizes(placeTools(numbered(150), undefined, []))).toEqual([
    ["main", 35],
    ["Tools2", 35],
    ["Tools3", 35],
    ["Tools4", 35],
    ["Tools5", 10],
  ]);
});

test("more tools than a stack gets today stay in the main one, where they were deployed", () => {
  const deployed = numbered(50);
  expect(placeTools(deployed, undefined, deployed)).toBeUndefined();
  expect(placeTools(["a_new_one", ...deployed], undefined, deployed)).toEqual({
    main: deployed,
    Tools2: ["a_new_one"],
  });
});

test("so many that they were never in one stack are spread, even if the roster has them already", () => {
  const tools = numbered(62);
  expect(sizes(placeTools(tools, undefined, tools))).toEqual([
    ["main", 35],
    ["Tools2", 27],
  ]);
});

test("whatever is added and removed, a tool that remains stays where it is, and doing it again changes nothing", () => {
  const roster = fc.uniqueArray(fc.constantFrom(...numbered(90)), { maxLength: 90 });
  fc.assert(
    fc.property(fc.array(roster, { minLength: 1, maxLength: 6 }), (rosters) => {
      let stacks: ToolStacks | undefined;
      let earlier: string[] = [];
      const whereIs = (name: string) =>
        Object.entries(stacks ?? {}).find(([, tools]) => tools.includes(name))?.[0] ?? "main";
      for (const roster of rosters.map((one) => one.toSorted())) {
        const before = new Map(earlier.map((name) => [name, whereIs(name)]));
        stacks = placeTools(roster, stacks, earlier);
        for (const name of roster) expect(whereIs(name)).toBe(before.get(name) ?? whereIs(name));
        for (const tools of Object.values(stacks ?? {}))
          expect(tools.length).toBeLessThanOrEqual(TOOLS_PER_STACK);
        if (stacks) expect(Object.values(stacks).flat().toSorted()).toEqual(roster);
        expect(placeTools(roster, stacks, roster)).toEqual(stacks);
        earlier = roster;
      }
    }),
  );
});
