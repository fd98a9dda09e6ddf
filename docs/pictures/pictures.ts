import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCast } from "./cast.ts";
import { drawRun } from "./run.ts";

const recording = (name: string): string => readFileSync(join(import.meta.dirname, "recordings", name), "utf8");

/** Every picture, by its file's name, as its script draws it from what was recorded. */
export async function drawPictures(): Promise<Record<string, string>> {
  return {
    "run.svg": await drawRun(readCast(recording("run.cast"))),
  };
}
