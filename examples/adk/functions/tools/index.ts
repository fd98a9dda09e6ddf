// Generated from the folders beside this file by `npm run sync`.
import type { Tool } from "fanout/tool";
import calculateMetricsTool from "./calculate_metrics/tool.ts";
import checkEligibilityTool from "./check_eligibility/tool.ts";
import checkFraudTool from "./check_fraud/tool.ts";
import compareToStandardRatesTool from "./compare_to_standard_rates/tool.ts";
import getExchangeRateTool from "./get_exchange_rate/tool.ts";
import getWeatherTool from "./get_weather/tool.ts";

export const tools = [calculateMetricsTool, checkEligibilityTool, checkFraudTool, compareToStandardRatesTool, getExchangeRateTool, getWeatherTool] as const satisfies readonly Tool[];
