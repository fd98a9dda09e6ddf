import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FolderCache } from "./folder-cache.ts";

let folder: string;
let root: string;
let out: string;
let kept: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fanout-cache-"));
  [root, out, kept] = ["project", "out", "kept"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  write("a/handler.ts", "1");
  write("a/words/one.txt", "one");
  write("shared.ts", "shared");
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string, base = root) => {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
};
const LATER = 10_000;
const inputsIn = (project: string) => ({
  contents: ["a/handler.ts", "a/words", "shared.ts", "not/there.ts"].map((path) => join(project, path)),
  names: [join(project, "a")],
});
/** Keeps a folder whose only file has this text. */
function keep(key: string, text = "made", { most = 10, begun = Date.now() + LATER } = {}): void {
  write("deep/index.mjs", text, out);
  const inputs = inputsIn(root);
  new FolderCache(kept, most).keep(key, out, { inputs, places: { root, out }, begun });
}
/** @returns the text; undefined if nothing is kept. */
function take(key: string, { onlyRead = false, project = root } = {}): string | undefined {
  const to = join(folder, "taken");
  const inputs = new FolderCache(kept, 10, { onlyRead }).take(key, to, { root: project, out: to });
  const file = join(to, "deep/index.mjs");
  expect(existsSync(file)).toBe(inputs !== undefined);
  return inputs && readFileSync(file, "utf8");
}
const entries = () => readdirSync(kept);
const only = () => join(kept, entries()[0] as string);

test.each([false, true])("a folder is taken for as long as nothing changes; only read: %s", (onlyRead) => {
  expect(take("k", { onlyRead })).toBeUndefined();
  keep("k");
  for (let time = 0; time < 2; time++) expect(take("k", { onlyRead })).toBe("made");
  expect(take("other")).toBeUndefined();
});

test.each<[string, () => void]>([
  ["a changed file", () => write("a/handler.ts", "2")],
  ["a removed file", () => rmSync(join(root, "shared.ts"))],
  ["a changed file in a folder", () => write("a/words/one.txt", "two")],
  ["a new file in a folder", () => write("a/words/two.txt", "two")],
  ["a new name beside a file", () => write("a/handler.js", "1")],
  ["a file that was looked for in vain", () => write("not/there.ts", "now")],
])("%s is noticed, and so is that everything is as before again", (_, change) => {
  keep("k", "first");
  const before = join(folder, "before");
  cpSync(root, before, { recursive: true });
  change();
  expect(take("k")).toBeUndefined();
  keep("k", "second");
  expect(take("k")).toBe("second");
  rmSync(root, { recursive: true });
  cpSync(before, root, { recursive: true });
  expect(take("k")).toBe("first");
});

test("a test and a new file elsewhere change nothing", () => {
  keep("k");
  write("a/handler.test.ts", "test");
  write("b/handler.ts", "1");
  expect(take("k")).toBe("made");
});

test("what changed while the folder was made is not kept: it may have been read before that", () => {
  keep("k", "made", { begun: Date.now() - LATER });
  expect(take("k")).toBeUndefined();
});

test("a file that becomes a program is another file", () => {
  keep("k");
  chmodSync(join(root, "shared.ts"), 0o755);
  expect(take("k")).toBeUndefined();
});

test("it is found from a copy of the project whose packages are a link to the original's", () => {
  write("node_modules/dep/index.js", "dep");
  const packages = join(root, "node_modules");
  const copy = join(folder, "elsewhere/copy");
  cpSync(join(root, "a"), join(copy, "a"), { recursive: true });
  symlinkSync(packages, join(copy, "node_modules"));
  // As esbuild names it: by its real path.
  const inputs = { contents: [join(copy, "a"), join(packages, "dep/index.js")], names: [] };
  const places = { root: copy, out };
  write("deep/index.mjs", "made", out);
  new FolderCache(kept, 10).keep("k", out, { inputs, places, begun: Date.now() + LATER });
  expect(take("k")).toBe("made");
  expect(take("k", { project: copy })).toBe("made");
  write("node_modules/dep/index.js", "patched");
  expect(take("k")).toBeUndefined();
});

test("what is kept, and what is taken, is the owner's alone, whoever made it", () => {
  keep("key");
  chmodSync(join(out, "deep/index.mjs"), 0o755);
  keep("other");
  take("other");
  expect(statSync(join(folder, "taken/deep/index.mjs")).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "taken/deep")).mode & 0o077).toBe(0);
});

describe("an entry is not used, and goes away, if", () => {
  test.each<[string, () => void]>([
    ["a file in it has other contents", () => write("made/deep/index.mjs", "mad", only())],
    ["a file in it is missing", () => rmSync(join(only(), "made/deep/index.mjs"))],
    ["there is a file more", () => write("made/more", "", only())],
    ["its record is cut off", () => write("record.json", '{"inputs":', only())],
    ["its record is missing", () => rmSync(join(only(), "record.json"))],
    ["its record is of another kind", () => write("record.json", "{}", only())],
  ])("%s", (_, damage) => {
    keep("k");
    damage();
    expect(take("k")).toBeUndefined();
    expect(entries()).toEqual([]);
  });
});

test("an entry is not damaged by whoever writes into a copy", () => {
  keep("k");
  take("k");
  write("deep/index.mjs", "changed", join(folder, "taken"));
  expect(take("k")).toBe("made");
});

test("those that were used last are kept", () => {
  const age = (key: string, seconds: number) => {
    const name = entries().find((entry) => entry.startsWith(key)) as string;
    utimesSync(join(kept, name), seconds, seconds);
  };
  for (const key of ["a", "b"]) keep(key, key, { most: 2 });
  age("a", 1);
  age("b", 2);
  take("a");
  keep("c", "c", { most: 2 });
  expect(["a", "b", "c"].map((key) => take(key))).toEqual(["a", undefined, "c"]);
});

test("what a killed process left unfinished is never taken, and is removed in the end", () => {
  write("unfinished-k/made/deep/index.mjs", "half", kept);
  expect(take("k")).toBeUndefined();
  keep("k");
  expect(entries()).toContain("unfinished-k");
  utimesSync(join(kept, "unfinished-k"), 1, 1);
  write("shared.ts", "changed");
  keep("k");
  expect(entries().filter((name) => name.startsWith("unfinished"))).toEqual([]);
});

test("where nothing can be written, nothing is kept and nothing fails", () => {
  writeFileSync(kept, "a file, not a folder");
  keep("k");
  expect(take("k")).toBeUndefined();
});
