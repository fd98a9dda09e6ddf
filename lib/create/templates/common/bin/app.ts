import { join } from "node:path";
import { synthesise } from "fanout/stack";
import { agents } from "../functions/agents/index.ts";
import { tools } from "../functions/tools/index.ts";

const functions = join(import.meta.dirname, "../functions");
process.exitCode = await synthesise({ functions, tools, agents, environment: process.env });
