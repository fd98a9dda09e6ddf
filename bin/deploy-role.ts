import { synthesiseDeployRole } from "fanout/stack";
import cdk from "../cdk.json" with { type: "json" };

const { context } = cdk;
process.exitCode = await synthesiseDeployRole({ context, environment: process.env });
