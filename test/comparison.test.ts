import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { medianOf, msPerTurnOverFloor } from "../bench/fan-out/report/figures.ts";
import { ROOT } from "./support/imports.ts";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const results = JSON.parse(read("bench/fan-out/results.json"));

/** The rows of a table of the page, each with the contestant that it is about. */
function rowsOf(table: string) {
  const [, rows = ""] = read("docs/comparison.md").split(`<!-- ${table} -->\n`);
  return (
    rows
      .slice(0, rows.indexOf("<!--"))
      .trimEnd()
      .split("\n")
      // Beneath the heads and the line.
      .slice(2)
      .map((row) => {
        const [name = "", ...cells] = row.slice(2, -2).split(" | ");
        return { contestant: results.contestants.find((one: { name: string }) => one.name === name), cells };
      })
  );
}

const WORKLOADS = ["W1 N=8", "W1 N=128", "W2 R=10"];

test("the times of the comparison are those that the benchmark has measured", () => {
  const rows = rowsOf("times");
  expect(rows.map(({ contestant }) => contestant.id).sort()).toEqual(
    results.contestants.map(({ id }: { id: string }) => id).sort(),
  );
  for (const { contestant, cells } of rows)
    expect(cells).toEqual([
      contestant.durable ? "yes" : "no",
      ...WORKLOADS.map((workload) => `${Math.round(medianOf(results, contestant.id, workload))} ms`),
      `${msPerTurnOverFloor(results, contestant.id).toFixed(1)} ms`,
    ]);
});

test("so are the invocations and the bytes", () => {
  const rows = rowsOf("invocations");
  expect(rows.length).toBeGreaterThan(2);
  for (const { contestant, cells } of rows)
    expect(cells).toEqual(WORKLOADS.map((name) => asked(contestant.id, name)));
});

function asked(contestant: string, workload: string): string {
  const bytes = medianOf(results, contestant, workload, "agentBytes");
  const kB = bytes < 100_000 ? (bytes / 1000).toFixed(1) : Math.round(bytes / 1000);
  return `${medianOf(results, contestant, workload, "agentInvocations")} + ${medianOf(results, contestant, workload, "toolInvocations")}, ${kB} kB`;
}
