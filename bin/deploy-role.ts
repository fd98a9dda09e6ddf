import { synthesiseDeployRole } from "fanout/stack";
import cdk from "../cdk.json" with { type: "json" };
import { stack } from "./stack.ts";

const { context } = cdk;
process.exitCode = await synthesiseDeployRole({ context, stack, environment: process.env });
