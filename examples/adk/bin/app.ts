import { join } from "node:path";
import { synthesise } from "fanout/stack";
import cdk from "../../../cdk.json" with { type: "json" };
import { agents } from "../functions/agents/index.ts";
import { tools } from "../functions/tools/index.ts";

const functions = join(import.meta.dirname, "../functions");
const { context: featureFlags } = cdk;
process.exitCode = await synthesise({ functions, tools, agents, featureFlags, environment: process.env });
