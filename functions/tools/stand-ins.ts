// Generated from the folders beside this file by `npm run sync`.
import type { StandIns } from "fanout/sandbox";
import calculateMetricsStandIn from "./calculate_metrics/stand-in.ts";
import getExchangeRateStandIn from "./get_exchange_rate/stand-in.ts";
import getStockPriceStandIn from "./get_stock_price/stand-in.ts";
import getWeatherStandIn from "./get_weather/stand-in.ts";
import queryDatabaseStandIn from "./query_database/stand-in.ts";
import searchWebStandIn from "./search_web/stand-in.ts";
import sendEmailStandIn from "./send_email/stand-in.ts";

export const standIns: StandIns = {
  calculate_metrics: calculateMetricsStandIn,
  get_exchange_rate: getExchangeRateStandIn,
  get_stock_price: getStockPriceStandIn,
  get_weather: getWeatherStandIn,
  query_database: queryDatabaseStandIn,
  search_web: searchWebStandIn,
  send_email: sendEmailStandIn,
};
