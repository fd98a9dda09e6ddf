import { Command, type CommanderError } from "commander";
import { expect, test } from "vitest";
import { type CommandEntry, commands } from "../../lib/cli/commands/index.ts";
import { MARKDOWN, readText, snippetsIn } from "../support/docs.ts";

/** What a project that the kit makes has; the README and CONTRIBUTING.md are about this repository as well. */
const PROJECT_SCRIPTS = ["start", "fanout", "sync", "prepare", "types", "test", "synth", "deploy"];
const OWN_SCRIPTS = Object.keys(JSON.parse(readText("package.json")).scripts);
/** Pages of docs that say how their pictures and numbers are made again, which is done in this repository. */
const MADE_HERE = ["docs/comparison.md", "docs/how-it-works.md"];
const isForUsers = (page: string) => page.startsWith("docs/") && !MADE_HERE.includes(page);

/** A command of a shell line, as words; without what is set before it, and without a comment. */
interface Line {
  page: string;
  words: string[];
  /** Whether it stands in the text, where it may be a command's name alone. */
  inText: boolean;
}

/** The commands in a page: those of its shell snippets, and those that stand in its text as code. */
function linesOf(page: string): Line[] {
  const snippets = snippetsIn(page, "sh").flatMap((snippet) => snippet.replaceAll("\\\n", " ").split("\n"));
  const inText = [
    ...readText(page)
      .replaceAll(/^```[\s\S]*?^```$/gm, "")
      .matchAll(/`((?:npm|npx) [^`]+)`/g),
  ].map(([, code = ""]) => code);
  return [...commandsOf(page, snippets, false), ...commandsOf(page, inText, true)];
}

const commandsOf = (page: string, lines: readonly string[], inText: boolean): Line[] =>
  lines
    .flatMap((line) => line.replace(/(^|\s)#.*$/, "").split(/&&|\||;/))
    .map((command) => ({ page, words: wordsOf(command), inText }));

function wordsOf(command: string): string[] {
  const words = [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word);
  const begin = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  return words.slice(begin).map((word) => word.replaceAll(/^['"]|['"]$/g, ""));
}

const lines = MARKDOWN.flatMap(linesOf);

/** What npm's words run of the kit's command line, such as `["ask", "Hi"]`, or undefined. */
function fanoutOf([first, second = "", ...rest]: string[]): string[] | undefined {
  if (first === "npx" && second === "fanout") return rest;
  if (first !== "npm") return undefined;
  const [script, ...passed] = second === "run" ? rest : [second, ...rest];
  const own = { start: ["start"], deploy: ["deploy"], sync: ["sync"], fanout: [] }[script ?? ""];
  return own && [...own, ...passed.filter((word) => word !== "--")];
}

/** Reads the words as the command line does, without doing what they say. */
async function parse(words: string[]): Promise<void> {
  const fanout = new Command("fanout")
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} });
  await define(fanout, commands);
  await fanout.parseAsync(words.map(example), { from: "user" });
}

/** An id in place of what a page leaves open. */
const example = (word: string) =>
  word
    .replace(/^(<id>|inv_…)$/, "inv_1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    .replace(/^<approval>$/, "ap_aaaaaaaaaaaaaaaaaaaaaaaa");

async function define(parent: Command, entries: readonly CommandEntry[]): Promise<void> {
  for (const entry of entries) {
    const command = parent.command(entry.usage.split(" ", 1)[0] as string);
    if ("commands" in entry) await define(command, entry.commands);
    else (await entry.load()).default(command, project);
    for (const one of [command, ...command.commands]) one.exitOverride().action(() => {});
  }
}

const project = {
  root: ".",
  loadRoster: async () => ({ tools: [], agents: [] }),
  loadStandIns: async () => (await import("../../functions/tools/stand-ins.ts")).standIns,
  loadDefaults: async () => ({}),
};

test("the command line takes every command that the documentation names, with its options", async () => {
  const called = lines.flatMap(({ page, words, inText }) => {
    const fanout = fanoutOf(words);
    return fanout ? [{ page, fanout, inText }] : [];
  });
  expect(called.length).toBeGreaterThan(50);
  const refused: string[] = [];
  for (const { page, fanout, inText } of called) {
    await parse(fanout).catch((error: CommanderError) => {
      const isName = inText && error.code === "commander.missingArgument";
      if (!isName && error.exitCode !== 0)
        refused.push(`${page}: fanout ${fanout.join(" ")}: ${error.message}`);
    });
  }
  expect(refused).toEqual([]);
});

test("every script that the documentation runs is there, in docs also in a project of one's own", () => {
  const run = lines.flatMap(({ page, words: [npm, ...words] }) => {
    const [first, second] = words;
    const script = first === "run" ? second : first;
    return npm === "npm" && /^(run|start|test|t)$/.test(first ?? "") ? [{ page, script }] : [];
  });
  const unknown = run.filter(
    ({ page, script = "" }) => !(isForUsers(page) ? PROJECT_SCRIPTS : OWN_SCRIPTS).includes(script),
  );
  expect(unknown).toEqual([]);
});
