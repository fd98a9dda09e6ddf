import { join } from "node:path";
import { synthesise } from "fanout/stack";
import { agents } from "../functions/agents/index.ts";
import { scaling } from "../functions/scaling.ts";
import { tools } from "../functions/tools/index.ts";
import { stack } from "./stack.ts";

const functions = join(import.meta.dirname, "../functions");
process.exitCode = await synthesise({ functions, tools, agents, scaling, stack, environment: process.env });
