import { synthesiseDeployRole } from "fanout/stack";
import { stack } from "./stack.ts";

process.exitCode = await synthesiseDeployRole({ stack, environment: process.env });
