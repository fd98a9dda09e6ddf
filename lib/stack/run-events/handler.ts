import { topic } from "../../events/index.ts";
import { serve } from "../../tool/index.ts";

export const handler = serve(topic);
