import * as z from "zod";
import type { Tool } from "../tool/index.ts";
import { type AnswerShape, answerShape } from "./answer.ts";
import type { Agent } from "./definition.ts";
import type { OfferedTool } from "./models/seam.ts";
import { instructionsFor } from "./untrusted.ts";

/** What an agent's model is told in every request of every run, made once per execution environment. */
export interface Briefing {
  instructions: string;
  tools: readonly OfferedTool[];
  shape: AnswerShape;
}

export function brief(agent: Agent): Briefing {
  const shape = answerShape(agent.answer);
  const instructions = agent.instructions + instructionsFor(agent) + shape.instructions;
  return { instructions, tools: agent.tools.map(offer), shape };
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
