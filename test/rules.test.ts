import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "./support/imports.ts";

const TABLE = "lib/agent/README.md";
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** The rules in the order of the table, each with the files that it says keep them. */
const rules = [...read(TABLE).matchAll(/^\| (F\d+) .* \| (.*) \|$/gm)].map(([, rule = "", keptIn = ""]) => ({
  rule,
  files: [...keptIn.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => join("lib/agent", file)),
}));

/** The rules that each file of the code cites. */
const cited = new Map(
  globSync("lib/**/*.{ts,grit}", { cwd: ROOT })
    .filter((file) => !file.endsWith(".test.ts"))
    .map((file) => [file, new Set(read(file).match(/\bF\d+\b/g))]),
);
/** The rules that the tests of each file are named after: a title begins with one or several, and a colon. */
const tested = new Map(
  globSync("{bin,lib,functions,test}/**/*.test.ts", { cwd: ROOT }).map((file) => {
    const titles = read(file).matchAll(/["'`]((?:F\d+, )*F\d+): /g);
    return [file, new Set([...titles].flatMap(([, names = ""]) => names.split(", ")))];
  }),
);

test(`${TABLE} has the rules F1 to F13, and no code or test cites another one`, () => {
  const names = rules.map(({ rule }) => rule);
  expect(names.slice(0, 13)).toEqual(Array.from({ length: 13 }, (_, index) => `F${index + 1}`));
  const unknown = [...cited, ...tested].flatMap(([file, found]) =>
    [...found].filter((rule) => !names.includes(rule)).map((rule) => `${file}: ${rule}`),
  );
  expect(unknown, `only rules of the table in ${TABLE} can be cited`).toEqual([]);
});

describe.each(rules)("the rule $rule", ({ rule, files }) => {
  test("is cited by number in every file that the table says keeps it", () => {
    const silent = files.filter((file) => !cited.get(file)?.has(rule));
    const advice = `put a comment "${rule}: …" above the line that keeps the rule, or correct the table in ${TABLE}`;
    expect(silent, advice).toEqual([]);
    expect(files, `name the files that keep ${rule} in ${TABLE}`).not.toEqual([]);
  });

  test("begins the title of a test", () => {
    const advice = `begin the title of the test that fails without the rule with "${rule}: ", and break the rule to see it fail`;
    expect(
      [...tested].filter(([, found]) => found.has(rule)),
      advice,
    ).not.toEqual([]);
  });
});
