import { serve } from "../tool/index.ts";
import { topic } from "./topic.ts";

export const handler = serve(topic);
