import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "get_tide",
  description: "When the water is high in a harbour today.",
  input: z.object({ harbour: z.string().trim().min(1) }),
  output: z.object({ harbour: z.string(), high: z.string() }),
  env: { TIDES_URL: "https://tides.example" },
  secrets: ["TIDES_KEY"],
});
