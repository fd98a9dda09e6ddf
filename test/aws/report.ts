import type { Step } from "./journey.ts";
import type { Result } from "./travel.ts";

/** What was run where. */
export interface Facts {
  /** When it began, in ISO 8601. */
  at: string;
  /** By name: the commit, Node, CDK, restate-server. */
  versions: Readonly<Record<string, string>>;
  target: string;
  region: string;
}

/** What was seen on AWS, as Markdown to keep. It names no account, environment or key. */
export function report({ at, versions, target, region }: Facts, results: readonly Result[]): string {
  const failed = results.filter(({ outcome }) => outcome !== "ok").length;
  return withoutNames(
    [
      "# Fanout on AWS",
      "",
      `${at}, target ${target}, region ${region}. ${failed === 0 ? "Every step went well." : `${failed} of ${results.length} steps did not go well, or were not run.`}`,
      "",
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
      "",
      "| step | what it does | result | took | seen |",
      "| --- | --- | --- | --- | --- |",
      ...results.map(
        ({ step, outcome, durationMs, text }) =>
          `| ${step.name} | ${step.does} | ${outcome} | ${(durationMs / 1000).toFixed(1)} s | ${text} |`,
      ),
      "",
    ].join("\n"),
  );
}

/** Account numbers, Restate's environments and keys, and ARNs as a whole. */
const withoutNames = (text: string) => text.replaceAll(/\barn:[\w-]+:\S*|\b\d{12}\b|\b(?:env|key)_\w+/g, "…");

/** What would be run, for somebody who has no account at hand. */
export function plan(steps: readonly Step[], missing: readonly string[]): string {
  return [
    "Nothing was run, and nothing was changed. For a run on AWS and Restate Cloud, this is missing:",
    ...missing.map((what) => `  - ${what}`),
    "",
    "It would take these steps, in stage aws-test, with a Restate environment in which nothing else is registered:",
    ...steps.flatMap(({ name, does, costs }, index) => [
      `  ${index + 1}. ${name}`,
      `     ${does}`,
      `     costs ${costs}`,
    ]),
    "",
    "After a failure or Ctrl-C it destroys what it has made, unless --keep is given. It writes a report (--report <file>).",
    "The authors have not run it on AWS yet.",
    "",
  ].join("\n");
}
