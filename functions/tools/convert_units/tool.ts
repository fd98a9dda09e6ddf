import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "convert_units",
  description: "Converts a length, a mass or a temperature from one unit to another.",
  input: z.object({
    value: z.number(),
    from: z.string().max(20).describe('The unit of the value, such as "mi", "kg" or "celsius".'),
    to: z.string().max(20).describe('The unit to convert to, such as "km", "lb" or "fahrenheit".'),
  }),
  output: z.object({ value: z.number(), unit: z.string() }),
  // A Lambda function that exists already: no handler.ts.
  lambda: "{name}-lambda-convert-units-{stage}",
});
