import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { whatNext } from "./what-next.ts";

const platform = {
  ingressUrl: "http://in",
  adminUrl: "http://admin",
  sandboxUrl: "http://sandbox",
  routesUrl: "http://routes",
};
const defaults = { agent: "A", question: "What's up?", nextQuestion: "What's next?" };
const line = (text: string, command: string) =>
  text.split("\n").find((l) => l.startsWith(`  ${command}`)) ?? "";

test("the default agent is asked the project's next question, quoted for a shell", () => {
  const text = whatNext(platform, ["A", "B"], defaults);
  const said = (command: string) =>
    execFileSync("sh", ["-c", line(text, command).replace(/^ {2}\S+/, "printf '%s\\n'")], {
      encoding: "utf8",
    });
  expect(said("npx").split("\n")).toEqual(["fanout", "ask", "What's next?", ""]);
  expect(said("curl").split("\n")).toEqual([
    "http://in/restate/call/A/run",
    "--json",
    '{"message":"What\'s next?"}',
    "",
  ]);
});

test("another agent is named, and asked what it can do", () => {
  const text = whatNext(platform, ["A", "B"], defaults, { agent: "B", invocationId: "inv_1" });
  expect(text).toContain("  npx fanout show inv_1\n  npx fanout logs inv_1\n");
  expect(line(text, "npx fanout ask")).toBe("  npx fanout ask --agent B 'What can you do?'");
  expect(text).toContain("http://admin/ui/invocations/inv_1");
  expect(line(whatNext(platform, ["B"], defaults), "npx fanout ask")).toBe(
    "  npx fanout ask 'What can you do?'",
  );
});

test("without an agent nothing is suggested to ask", () => {
  expect(whatNext(platform, [], defaults)).not.toMatch(/ask|curl .*run/);
});
