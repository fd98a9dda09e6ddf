// Generated from the folders beside this file by `npm run sync`.
import type { StandIns } from "fanout/sandbox";
import calculateMetricsStandIn from "./calculate_metrics/stand-in.ts";
import getExchangeRateStandIn from "./get_exchange_rate/stand-in.ts";
import getWeatherStandIn from "./get_weather/stand-in.ts";

export const standIns: StandIns = {
  calculate_metrics: calculateMetricsStandIn,
  get_exchange_rate: getExchangeRateStandIn,
  get_weather: getWeatherStandIn,
};
