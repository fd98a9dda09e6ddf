import type { Candidate } from "../../operate/index.ts";
import type { Screen } from "../screen.ts";
import { table } from "../table.ts";

/** Draws what goes and what stays, each with its reason. */
export function drawCandidates(candidates: readonly Candidate[], { textWidth }: Screen): string[] {
  const rows = [
    ["function", "version", "registered", "warm", ""],
    ...candidates.map(({ functionName, version, deploymentId, provisioned, verdict, reason }) => [
      functionName,
      version,
      deploymentId === undefined ? "no" : "yes",
      String(provisioned),
      `${verdict === "remove" ? "goes" : "stays"}: ${reason}`,
    ]),
  ];
  return table(rows, textWidth);
}
