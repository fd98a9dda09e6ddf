import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How long synthesis of 20 tools takes beyond CDK's own start, beside `NodejsFunction`. Run: npm run bench:synth */
const ROUNDS = 5;
const PROGRAMS = ["empty", "fanout", "nodejs-function"] as const;

const seconds = Object.fromEntries(PROGRAMS.map((name) => [name, [] as number[]]));
// Round by round, so that whatever else the machine does is the same for all.
for (let round = 0; round < ROUNDS; round++) {
  for (const name of PROGRAMS) seconds[name]?.push(run(name));
}
const median = (name: (typeof PROGRAMS)[number]) =>
  (seconds[name] ?? []).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;

const start = median("empty");
const [ours, theirs] = [median("fanout") - start, median("nodejs-function") - start];
process.stdout.write(`medians of ${ROUNDS} rounds, 20 tools
CDK's own start          ${start.toFixed(2)} s
fanout beyond it         ${ours.toFixed(2)} s
NodejsFunction beyond it ${theirs.toFixed(2)} s, ${(theirs / ours).toFixed(1)} times as long
`);

function run(name: string): number {
  const outDir = mkdtempSync(join(tmpdir(), "fanout-bench-out-"));
  try {
    const begun = performance.now();
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, "synth", `${name}.ts`)],
      { encoding: "utf8", env: { ...process.env, CDK_OUTDIR: outDir } },
    );
    if (status !== 0) throw new Error(`${name} failed:\n${stderr}`);
    return (performance.now() - begun) / 1000;
  } finally {
    rmSync(outDir, { recursive: true });
  }
}
