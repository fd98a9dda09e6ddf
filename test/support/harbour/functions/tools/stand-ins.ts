// Generated from the folders beside this file by `npm run sync`.
import type { StandIns } from "fanout/sandbox";
import getTideStandIn from "./get_tide/stand-in.ts";

export const standIns: StandIns = { get_tide: getTideStandIn };
