import { defineStandIn } from "fanout/sandbox";
import { startPostgres } from "./stand-in/postgres.ts";
import { words } from "./stand-in/words.ts";

/** Postgres with a sample shop in it. */
export default defineStandIn({ provider: "postgres", latencyMs: 100, start: startPostgres, words });
