import { TerminalError } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { check, MAX_NESTING, nestsTooDeep } from "../runtime/index.ts";
import type { Message, ModelReply, UserMessage } from "./models/seam.ts";

/** HTTP status of a run whose model gives no answer of the wanted shape: the fault is behind this service. */
const BAD_GATEWAY = 502;
/** HTTP status of a run whose time was over before there was an answer of the wanted shape. */
const GATEWAY_TIMEOUT = 504;

/** What an agent's last reply has to be: text, or JSON of a schema. */
export interface AnswerShape {
  /** What the model is told beside the agent's instructions. */
  readonly instructions: string;
  /** The answer, or in words why the reply is none. */
  read(reply: Pick<ModelReply, "text">): { answer: unknown; problem?: undefined } | { problem: string };
  /**
   * F11: what a run answers when its time is over while the model is asked: the last text that the model wrote, "" if none.
   * @throws TerminalError 504 where an answer of a shape is wanted and that text is none.
   */
  lastOf(conversation: readonly Message[]): unknown;
}

/** @param schema undefined for text, which every reply is. */
export function answerShape(schema: z.ZodType | undefined): AnswerShape {
  if (!schema) return { instructions: "", read: ({ text }) => ({ answer: text }), lastOf: lastText };
  const shape = JSON.stringify(z.toJSONSchema(schema, { io: "input" }));
  const read: AnswerShape["read"] = ({ text }) => {
    if (nestsTooDeep(text)) return { problem: `it nests deeper than ${MAX_NESTING} levels` };
    const json = parseJson(text);
    if (json === undefined) return { problem: "it is not JSON" };
    const checked = check(schema, json);
    return checked.problem === undefined ? { answer: checked.data } : { problem: checked.problem };
  };
  return {
    read,
    instructions: `\n\nWhen you are done, answer with JSON only, without any other text, that fits this JSON Schema: ${shape}`,
    lastOf: (conversation) => {
      const last = read({ text: lastText(conversation) });
      if (last.problem === undefined) return last.answer;
      throw new TerminalError("The deadline passed before the model gave an answer.", {
        errorCode: GATEWAY_TIMEOUT,
      });
    },
  };
}

/** The last words of the model, which it may have written beside its calls. */
function lastText(conversation: readonly Message[]): string {
  const texts = conversation.map((message) => (message.role === "assistant" ? message.reply.text : ""));
  return texts.findLast((text) => text !== "") ?? "";
}

/** What the model is told when its answer does not fit. */
export function askToRepair(problem: string): UserMessage {
  const text = `Your answer does not fit the JSON Schema: ${problem}. Answer again, with the corrected JSON only.`;
  return { role: "user", by: "repair", text };
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
  const [, fenced] = /^\s*```(?:json)?([\s\S]*?)```\s*$/.exec(text) ?? [];
  try {
    return JSON.parse(fenced ?? text);
  } catch {
    return undefined;
  }
}
