// Generated from the folders beside this file by `npm run sync`.
import type { Tool } from "fanout/tool";
import getTideTool from "./get_tide/tool.ts";

export const tools = [getTideTool] as const satisfies readonly Tool[];
