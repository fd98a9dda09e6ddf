import { RestatePromise } from "@restatedev/restate-sdk/lambda";
import { composeTool, serve } from "fanout/tool";
import checkEligibility from "../check_eligibility/tool.ts";
import checkFraud from "../check_fraud/tool.ts";
import compareToStandardRates from "../compare_to_standard_rates/tool.ts";
import tool from "./tool.ts";

export const service = composeTool(tool, async (claim, { call }) => {
  const [eligibility, standardRates, fraud] = await RestatePromise.allSettled([
    call(checkEligibility, claim),
    call(compareToStandardRates, claim),
    call(checkFraud, claim),
  ]);
  return {
    eligibility: outcome(eligibility),
    standardRates: outcome(standardRates),
    fraud: outcome(fraud),
  };
});
export const handler = serve(service);

function outcome<T extends object>(settled: PromiseSettledResult<T>) {
  return settled.status === "fulfilled"
    ? { ...settled.value, ok: true as const }
    : { ok: false as const, error: (settled.reason as Error).message };
}
