#!/usr/bin/env node
import { join } from "node:path";
import { runCommandLine } from "fanout/cli";

const exitCode = await runCommandLine(
  join(import.meta.dirname, ".."),
  process.argv.slice(2),
  async () => ({
    ...(await import("../functions/tools/index.ts")),
    ...(await import("../functions/agents/index.ts")),
  }),
  {
    agent: "ClaimDesk",
    question:
      'Assess this claim: {"date": "2024-10-01", "category": "orthopedic", "reason": "broken leg", "amount": 3000, "placeOfService": "General Hospital"}',
    nextQuestion: "What is the weather in Rome and Paris, and the EUR to JPY rate?",
  },
  async () => (await import("../functions/tools/stand-ins.ts")).standIns,
);
process.exit(exitCode);
