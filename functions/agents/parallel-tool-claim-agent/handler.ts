import { isDeepStrictEqual } from "node:util";
import {
  CancelledError,
  type Context,
  handlers,
  service as restateService,
} from "@restatedev/restate-sdk/lambda";
import {
  AGENT_ABORT_SECONDS,
  callTool,
  ignoreCallHeader,
  jsonSerde,
  LISTENING,
  readSetting,
  runAiSdkLoop,
} from "fanout/service";
import { serve } from "fanout/tool";
import * as z from "zod";
import calculateMetrics from "../../tools/calculate_metrics/tool.ts";
import agent from "./agent.ts";
import { decide, decision } from "./decision.ts";

type Claim = z.output<typeof calculateMetrics.input>;
type Metrics = z.output<typeof calculateMetrics.output>;

const assessment = z.object({ text: z.string().describe("The model's words."), decision });

const model = readSetting("MODEL", agent.model);

/** The AI SDK's loop asks the model and calls its tool, durably. The decision is made by code, from this claim's metrics. */
async function assess(ctx: Context, claim: Claim): Promise<z.output<typeof assessment>> {
  const prompt = `Assess this claim: ${JSON.stringify(claim)}`;
  const { text, calls } = await runAiSdkLoop(ctx, { agent, model, prompt });
  // The model may have called with something other than the claim, or not at all.
  const call = calls.find(({ input }) => isDeepStrictEqual(input, claim));
  const metrics = call
    ? call.ok
      ? (call.output as Metrics)
      : unknown(call.error)
    : await measure(ctx, claim);
  return { text, decision: decide(claim.amount, metrics) };
}

function measure(ctx: Context, claim: Claim): Promise<Metrics> {
  return callTool(ctx, calculateMetrics, claim).catch((error) => {
    if (error instanceof CancelledError) throw error;
    return unknown((error as Error).message);
  });
}

function unknown(error: string): Metrics {
  const failed = { ok: false, error } as const;
  return { eligibility: failed, standardRates: failed, fraud: failed };
}

export const service = restateService({
  name: agent.name,
  description: agent.description,
  handlers: {
    run: handlers.handler(
      {
        input: jsonSerde(calculateMetrics.input),
        output: jsonSerde(assessment),
        hooks: [ignoreCallHeader],
      },
      assess,
    ),
  },
  options: {
    abortTimeout: { seconds: AGENT_ABORT_SECONDS },
    ...LISTENING,
  },
});
export const handler = serve(service);
