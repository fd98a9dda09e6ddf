// Generated from the folders beside this file by `npm run sync`.
import getExchangeRateTool from "./get_exchange_rate/tool.ts";
import getStockPriceTool from "./get_stock_price/tool.ts";
import getWeatherTool from "./get_weather/tool.ts";
import queryDatabaseTool from "./query_database/tool.ts";
import searchWebTool from "./search_web/tool.ts";
import sendEmailTool from "./send_email/tool.ts";

export const tools = [getExchangeRateTool, getStockPriceTool, getWeatherTool, queryDatabaseTool, searchWebTool, sendEmailTool];
