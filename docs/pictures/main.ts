import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeCast } from "./cast.ts";
import { drawPictures } from "./pictures.ts";

/** What is recorded anew when it is named: by its file, a run on the local platform, on Linux, or a synthesis. */
const RECORDINGS: Record<string, { file: string; record: () => Promise<string> }> = {
  run: {
    file: "run.cast",
    record: async () => writeCast(await (await import("./record/run.ts")).recordRun()),
  },
  "fan-out": json("fan-out.json", async () => (await import("./record/fan-out.ts")).recordFanOut()),
  replay: json("replay.json", async () => (await import("./record/replay.ts")).recordReplay()),
  "local-platform": json("local-platform.json", async () =>
    (await import("./record/local-platform.ts")).recordLocalPlatform(),
  ),
  deployed: json("deployed.json", async () => (await import("./record/deployed.ts")).recordDeployed()),
};

function json(file: string, record: () => Promise<unknown>) {
  return { file, record: async () => `${JSON.stringify(await record(), null, 2)}\n` };
}

const write = (name: string, content: string) => writeFileSync(join(import.meta.dirname, name), content);

for (const name of process.argv.slice(2)) {
  const recording = RECORDINGS[name];
  if (!recording)
    throw new Error(`Unknown recording "${name}". Recordings: ${Object.keys(RECORDINGS).join(", ")}.`);
  write(`recordings/${recording.file}`, await recording.record());
}
for (const [name, drawing] of Object.entries(await drawPictures())) write(name, drawing);
