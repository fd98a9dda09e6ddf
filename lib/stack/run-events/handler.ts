import { topic } from "../../events/index.ts";
import { serve, servedWith } from "../../tool/index.ts";
import { toolCalls } from "../../tool-calls/index.ts";

export const handler = serve(servedWith(topic, toolCalls));
