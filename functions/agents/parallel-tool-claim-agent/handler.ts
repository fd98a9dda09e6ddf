import { isDeepStrictEqual } from "node:util";
import { CancelledError } from "@restatedev/restate-sdk/lambda";
import { callTool, createSdkService, runAiSdkLoop, type SdkLoop } from "fanout/service";
import { serve } from "fanout/tool";
import * as z from "zod";
import calculateMetrics from "../../tools/calculate_metrics/tool.ts";
import agent from "./agent.ts";
import { decide, decision } from "./decision.ts";

type Claim = z.output<typeof calculateMetrics.input>;
type Metrics = z.output<typeof calculateMetrics.output>;

const assessment = z.object({ text: z.string().describe("The model's words."), decision });

/** The AI SDK's loop asks the model and calls its tool, durably. The decision is made by code, from this claim's metrics. */
async function assess(claim: Claim, run: SdkLoop): Promise<z.output<typeof assessment>> {
  const text = await runAiSdkLoop(run, `Assess this claim: ${JSON.stringify(claim)}`);
  // The model may have called with something other than the claim, or not at all.
  const call = run.calls.find(({ input }) => isDeepStrictEqual(input, claim));
  const metrics = call ? outcomeOf(call) : await measure(run, claim);
  return { text, decision: decide(claim.amount, metrics) };
}

function outcomeOf({ status, output, error = status }: SdkLoop["calls"][number]): Metrics {
  return status === "ok" ? (output as Metrics) : unknown(error);
}

function measure({ ctx }: SdkLoop, claim: Claim): Promise<Metrics> {
  return callTool(ctx, calculateMetrics, claim).catch((error) => {
    if (error instanceof CancelledError) throw error;
    return unknown((error as Error).message);
  });
}

function unknown(error: string): Metrics {
  const failed = { ok: false, error } as const;
  return { eligibility: failed, standardRates: failed, fraud: failed };
}

export const service = createSdkService(agent, { input: calculateMetrics.input, output: assessment }, assess);
export const handler = serve(service);
