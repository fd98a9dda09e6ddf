import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeCast } from "./cast.ts";
import { drawPictures } from "./pictures.ts";

const folder = import.meta.dirname;
const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** What is recorded anew when it is named, from a real run on the local platform, on Linux. */
const RECORDERS: Record<string, () => Promise<void>> = {
  run: async () => write("recordings/run.cast", writeCast(await (await import("./record/run.ts")).recordRun())),
  "fan-out": async () =>
    write("recordings/fan-out.json", asJson(await (await import("./record/fan-out.ts")).recordFanOut())),
  replay: async () => write("recordings/replay.json", asJson(await (await import("./record/replay.ts")).recordReplay())),
};

for (const name of process.argv.slice(2)) {
  const record = RECORDERS[name];
  if (!record) throw new Error(`Unknown recording "${name}". Recordings: ${Object.keys(RECORDERS).join(", ")}.`);
  await record();
}
for (const [name, drawing] of Object.entries(await drawPictures())) write(name, drawing);
