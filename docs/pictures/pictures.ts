import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCast } from "./cast.ts";
import { drawDeployed } from "./deployed.ts";
import { drawFanOut } from "./fan-out.ts";
import { drawLocalPlatform } from "./local-platform.ts";
import { drawReplay } from "./replay.ts";
import { drawRun } from "./run.ts";

const recording = (name: string): string =>
  readFileSync(join(import.meta.dirname, "recordings", name), "utf8");

/** Every picture, by its file's name, as its script draws it from what was recorded. */
export async function drawPictures(): Promise<Record<string, string>> {
  return {
    "deployed.svg": drawDeployed(JSON.parse(recording("deployed.json"))),
    "fan-out.svg": drawFanOut(JSON.parse(recording("fan-out.json"))),
    "local-platform.svg": drawLocalPlatform(JSON.parse(recording("local-platform.json"))),
    "replay.svg": drawReplay(JSON.parse(recording("replay.json"))),
    "run.svg": await drawRun(readCast(recording("run.cast"))),
  };
}
