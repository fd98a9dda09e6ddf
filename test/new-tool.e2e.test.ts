import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyProject, type Outcome, type Project } from "./support/project.ts";

let project: Project;
let created: Outcome;
beforeAll(async () => {
  project = copyProject();
  created = await project.fanout(["new", "tool", "roll_dice"]);
});
afterAll(() => project?.remove());

const read = (path: string) => readFileSync(join(project.root, path), "utf8");

describe("a new tool", () => {
  test("is three files, listed with what to type next", () => {
    expect(created).toEqual({
      code: 0,
      stderr: "",
      stdout: [
        "  functions/tools/roll_dice/tool.ts",
        "  functions/tools/roll_dice/handler.ts",
        "  functions/tools/roll_dice/handler.test.ts",
        'Try it: npm start -- "Use roll_dice with text=hello"',
        "",
      ].join("\n"),
    });
    expect(readdirSync(join(project.root, "functions/tools/roll_dice"))).toHaveLength(3);
  });

  test("is in the roster and in the README's table", async () => {
    expect(read("functions/tools/index.ts")).toContain('import rollDiceTool from "./roll_dice/tool.ts";');
    expect(read("README.md")).toMatch(/^\| `roll_dice` \| \S.* \| read \|$/m);
    expect(await project.fanout(["sync", "--check"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("is well formatted, has sound types and passes its own test", async () => {
    const folder = "functions/tools/roll_dice";
    expect(await project.run("biome", ["ci", "--error-on-warnings", folder])).toMatchObject({ code: 0 });
    expect(await project.run("tsc", [])).toMatchObject({ code: 0, stdout: "" });
    const { code, stdout } = await project.run("vitest", ["run", "--project", "unit", folder]);
    expect(stdout).toContain("1 passed");
    expect(code).toBe(0);
  });

  test("is called by the agent", async () => {
    const { code, stdout, stderr } = await project.fanout([
      "start",
      "--once",
      "Use roll_dice with text=hello",
    ]);
    expect(stderr).toContain("> Use roll_dice with text=hello");
    expect(stderr).toContain('roll_dice text="hello": ok after');
    expect(stdout).toContain('roll_dice({"text":"hello"}) → {"text":"HELLO"}');
    expect(stdout).toContain("This is the offline sandbox model");
    expect(stdout).toContain("fanout-roll_dice 1");
    expect(code).toBe(0);
  });

  test("does not replace one that exists", async () => {
    expect(await project.fanout(["new", "tool", "roll_dice"])).toEqual({
      code: 1,
      stdout: "",
      stderr: `There is a tool called roll_dice already: ${join(project.root, "functions/tools/roll_dice")}\n`,
    });
  });
});

describe("a tool that is wrong", () => {
  const file = (name: string) => `functions/tools/roll_dice/${name}`;
  const startWith = async (path: string, change: (text: string) => string) => {
    const sound = read(path);
    writeFileSync(join(project.root, path), change(sound));
    try {
      return await project.fanout(["start", "--once"]);
    } finally {
      writeFileSync(join(project.root, path), sound);
      await project.nothingLeft();
    }
  };

  test.each([
    [
      "a field that does not exist",
      "tool.ts",
      (text: string) => text.replace("input:", "timout: { seconds: 5 },\n  input:"),
      /^TypeError: Tool "roll_dice": Unrecognized key: "timout"/m,
    ],
    [
      "code that cannot be bundled",
      "handler.ts",
      (text: string) => `import { dice } from "./dice.ts";\n${text.replace("text.to", "dice(text).to")}`,
      /functions\/tools\/roll_dice\/handler\.ts:1:21: ERROR: Could not resolve ".\/dice\.ts"/,
    ],
    [
      "code that throws when it is loaded",
      "handler.ts",
      (text: string) => `throw new Error('No "dice" here.');\n${text}`,
      /^Function fanout-roll_dice does not start: No "dice" here\.$/m,
    ],
  ])("with %s ends the start with exit code 1 and its own words", async (_, name, change, words) => {
    const { code, stdout, stderr } = await startWith(file(name), change);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^ +at |Ready/m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });
});
