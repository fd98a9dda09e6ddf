import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterDeath } from "../../../lib/lambda-host/index.ts";
import { bundleFunctions } from "../../../lib/stack/index.ts";
import { atEnd } from "./at-end.ts";
import type { Order } from "./host.ts";
import { startPostgres } from "./postgres.ts";
import { type Program, startProgram } from "./program.ts";

/** What all contestants need: the world, a database, Fanout's bundles, a temporary folder. */
export interface Stage {
  world: Program<"take">;
  /** Starts a contestant in a process of its own. `provisioned`: environments of Fanout's tool to start ahead. Default: 0. */
  enter(id: string, options?: { provisioned?: number }): Promise<Program<Order>>;
}

/** Starts what the contestants need. Everything of it ends with `endAll`. */
export async function setUpStage(): Promise<Stage> {
  const directory = temporaryDirectory();
  const room = (name: string) => {
    const path = join(directory, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const databaseUrl = await startPostgres(join(directory, "postgres"));
  const world = await startProgram<"take">("world.ts", { env: {}, directory: room("world") });
  const bundles = join(directory, "bundles");
  const fanout = join(import.meta.dirname, "../contestants/fanout");
  bundleFunctions(
    { agent: join(fanout, "agent-handler.ts"), work: join(fanout, "tool-handler.ts") },
    bundles,
  );
  let entered = 0;
  return {
    world,
    enter(id, { provisioned = 0 } = {}) {
      entered += 1;
      const own = room(`${id}-${entered}`);
      return startProgram<Order>("host.ts", {
        args: [id],
        directory: own,
        env: {
          ...(world.ready as { MODEL_URL: string; TOOL_URL: string }),
          LANGGRAPH_DATABASE_URL: databaseUrl("postgres"),
          DBOS_DATABASE_URL: databaseUrl("dbos"),
          BUNDLES: bundles,
          DIRECTORY: own,
          PROVISIONED: String(provisioned),
        },
      });
    },
  };
}

/** It goes even if this process is killed. */
function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "fanout-bench-"));
  // A Postgres that runs as another user has to pass through it.
  chmodSync(directory, 0o711);
  const callOff = afterDeath('rm -rf -- "$1"', directory);
  atEnd(() => {
    rmSync(directory, { recursive: true, force: true });
    callOff();
  });
  return directory;
}
