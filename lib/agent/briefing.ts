import * as z from "zod";
import type { Tool } from "../tool/index.ts";
import { type AnswerShape, answerShape } from "./answer.ts";
import type { Agent } from "./definition.ts";
import type { OfferedTool } from "./models/seam.ts";

/** What an agent's model is told in every request of every run, made once per execution environment. */
export interface Briefing {
  instructions: string;
  tools: readonly OfferedTool[];
  shape: AnswerShape;
}

export function brief({ instructions, tools, answer }: Agent): Briefing {
  const shape = answerShape(answer);
  return { instructions: instructions + shape.instructions, tools: tools.map(offer), shape };
}

/** A contract as the model sees it. */
function offer({ name, description, input }: Tool): OfferedTool {
  return {
    name,
    description,
    // The input side: fields with defaults are optional for whoever writes the arguments.
    inputSchema: z.toJSONSchema(input, { io: "input" }) as Record<string, unknown>,
  };
}
