import { TerminalError } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { check } from "../tool/schema.ts";
import type { ModelReply } from "./models/seam.ts";

/** HTTP status of a run whose model gives no answer of the wanted shape: the fault is behind this service. */
const BAD_GATEWAY = 502;

/** What an agent's last reply has to be: text, or JSON of a schema. */
export interface AnswerShape {
  /** What the model is told beside the agent's instructions. */
  readonly instructions: string;
  /** The answer, or in words why the reply is none. */
  read(reply: ModelReply): { answer: unknown; problem?: undefined } | { problem: string };
}

/** @param schema undefined for text, which every reply is. */
export function answerShape(schema: z.ZodType | undefined): AnswerShape {
  if (!schema) return { instructions: "", read: ({ text }) => ({ answer: text }) };
  const shape = JSON.stringify(z.toJSONSchema(schema, { io: "input" }));
  return {
    instructions: `\n\nWhen you are done, answer with JSON only, without any other text, that fits this JSON Schema: ${shape}`,
    read: ({ text }) => {
      const json = parseJson(text);
      if (json === undefined) return { problem: "it is not JSON" };
      const checked = check(schema, json);
      return checked.problem === undefined ? { answer: checked.data } : { problem: checked.problem };
    },
  };
}

/** What the model is told when its answer does not fit. */
export function askToRepair(problem: string): string {
  return `Your answer does not fit the JSON Schema: ${problem}. Answer again, with the corrected JSON only.`;
}

/** The end of a run whose model could not repair its answer. */
export class AnswerMisfit extends TerminalError {
  override name = "AnswerMisfit";

  constructor(problem: string) {
    super(`The model's answer does not fit, after one more try: ${problem}`, { errorCode: BAD_GATEWAY });
  }
}

/** Models like to wrap JSON in a Markdown fence. */
function parseJson(text: string): unknown {
  const [, fenced] = /^\s*```(?:json)?\s*([\s\S]*?)```\s*$/.exec(text) ?? [];
  try {
    return JSON.parse(fenced ?? text);
  } catch {
    return undefined;
  }
}
