import * as z from "zod";
import type { StandIns } from "../stand-in.ts";
import type { Exchange, Offered } from "./conversation.ts";

/** How much JSON of a generic result goes into an answer, in characters. */
const MAX_JSON_LENGTH = 300;

/** Says what the calls returned, successes and failures, and where the data comes from. */
export function answerFrom(exchanges: Exchange[], standIns: StandIns, from: Origin): string {
  const lines = exchanges.map((exchange) => `- ${sayResult(exchange, standIns, from)}`);
  return [...lines, "", from.words].join("\n");
}

/** Where an answer's data comes from. */
export interface Origin {
  /** Whether the tools' upstreams are the sandbox's. */
  sampleData: boolean;
  /** How that is put to the reader. */
  words: string;
}

function sayResult({ tool, input, result }: Exchange, standIns: StandIns, { sampleData }: Origin) {
  const called = `${tool}(${short(JSON.stringify(input))})`;
  const { output, failure } = parse(result);
  if (failure !== undefined) return `${called} failed: ${failure}`;
  const said = standIns[tool]?.words?.say(input, output, sampleData);
  return said ?? `${called} → ${short(JSON.stringify(output))}`;
}

/** A failure is text that is not JSON or, if the protocol has only JSON, an object with nothing but an `error`. */
function parse(result: string): { output?: unknown; failure?: string } {
  try {
    const output: unknown = JSON.parse(result);
    const failure = onlyError.safeParse(output).data?.error;
    return failure === undefined ? { output } : { failure };
  } catch {
    return { failure: result };
  }
}

const onlyError = z.strictObject({ error: z.string() });

const short = (json: string) =>
  json.length <= MAX_JSON_LENGTH ? json : `${json.slice(0, MAX_JSON_LENGTH)}…`;

/** Says what the planner understands, with a line for each offered tool. */
export function whatItUnderstands(tools: Offered[], standIns: StandIns, { words }: Origin): string {
  if (tools.length === 0)
    return `I have not been offered any tools, so I cannot look anything up.\n\n${words}`;
  const lines = tools.map(({ name, description }) => {
    const example = standIns[name]?.words?.example ?? `use ${name}`;
    return `- ${name}: ${firstSentence(description)} Try: ${example}`;
  });
  return [
    "I follow fixed rules and found nothing in your words that I could use a tool for. What I understand:",
    ...lines,
    "",
    words,
  ].join("\n");
}

const firstSentence = (text: string) => /^[\s\S]*?[.:](?=\s|$)/.exec(text)?.[0].replace(/:$/, ".") ?? text;
