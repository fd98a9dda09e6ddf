// Generated from the folders beside this file by `npm run sync`.
import type { Tool } from "fanout/tool";
import calculateMetricsTool from "./calculate_metrics/tool.ts";
import checkEligibilityTool from "./check_eligibility/tool.ts";
import checkFraudTool from "./check_fraud/tool.ts";
import compareToStandardRatesTool from "./compare_to_standard_rates/tool.ts";
import convertUnitsTool from "./convert_units/tool.ts";
import getExchangeRateTool from "./get_exchange_rate/tool.ts";
import getStockPriceTool from "./get_stock_price/tool.ts";
import getWeatherTool from "./get_weather/tool.ts";
import queryDatabaseTool from "./query_database/tool.ts";
import searchWebTool from "./search_web/tool.ts";
import sendEmailTool from "./send_email/tool.ts";

export const tools = [calculateMetricsTool, checkEligibilityTool, checkFraudTool, compareToStandardRatesTool, convertUnitsTool, getExchangeRateTool, getStockPriceTool, getWeatherTool, queryDatabaseTool, searchWebTool, sendEmailTool] as const satisfies readonly Tool[];
