import type { Candidate } from "../../operate/index.ts";
import { table } from "../table.ts";

/** Draws what goes and what stays, each with its reason. */
export function drawCandidates(candidates: readonly Candidate[]): string[] {
  return table([
    ["function", "version", "registered", "warm", ""],
    ...candidates.map(({ functionName, version, deploymentId, provisioned, verdict, reason }) => [
      functionName,
      version,
      deploymentId === undefined ? "no" : "yes",
      String(provisioned),
      `${verdict === "remove" ? "goes" : "stays"}: ${reason}`,
    ]),
  ]);
}
