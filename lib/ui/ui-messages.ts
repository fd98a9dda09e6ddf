import type { FileUIPart, ToolUIPart } from "ai";
import { callId } from "./call-id.ts";
import type { CallMetadata, RunMessage } from "./run-message.ts";

/** An image or a file beside a question. */
type Attachment =
  | { url: string; mediaType?: string | undefined }
  | { data: string; mediaType: string; name?: string | undefined };
interface Call {
  id: string;
  tool: string;
  input?: unknown;
}
interface Result {
  id: string;
  output?: unknown;
  error?: string | undefined;
}
interface Question {
  role: "user";
  text: string;
  attachments?: readonly Attachment[] | undefined;
  run?: string | undefined;
}
type Message =
  | Question
  | { role: "assistant"; text: string; calls?: readonly Call[] | undefined }
  | { role: "tool"; results: readonly Result[] };

/**
 * What is read of a history of `fanout/client`. Its own type would bring those of agents and tools along, which a page's compiler need
 * not know.
 */
interface Said {
  messages: readonly Message[];
  older?: number | undefined;
}

/**
 * A conversation's history as messages of the AI SDK's UI, with which `useChat({ messages })` begins: the questions, and one answer for
 * each run, whose id is the run's as in `toUIMessageStream`. A turn is a step, a call a tool part. What only events tell is not there:
 * the calls of sub-agents, approvals (a call that was denied is one that has failed), and a run's `metadata`. The run in progress is
 * `history.running`; its answer comes with its events.
 * @param history a page of it, or several pages' messages, oldest first.
 */
export function toUIMessages({ messages, older = -1 }: Said): RunMessage[] {
  const shown: RunMessage[] = [];
  let run: string | undefined;
  let open = new Map<string, number>();
  messages.forEach((message, index) => {
    if (message.role === "user") {
      run = message.run ?? `${older + 1}.${index}`;
      shown.push({ id: `question ${run}`, role: "user", parts: questionOf(message) });
      return;
    }
    const { parts } = answerIn(shown, run ?? `${older + 1}.${index}`);
    if (message.role === "assistant") {
      parts.push({ type: "step-start" });
      if (message.text !== "") parts.push({ type: "text", text: message.text, state: "done" });
      open = new Map(message.calls?.map(({ id }, place) => [id, parts.length + place]));
      parts.push(...(message.calls ?? []).map(callPart));
      return;
    }
    for (const result of message.results) {
      const place = open.get(result.id);
      if (place !== undefined) parts[place] = resultPart(parts[place] as ToolUIPart, result);
    }
  });
  return shown;
}

/** The last answer; a new one where the last message is a question. */
function answerIn(shown: RunMessage[], run: string): RunMessage {
  const last = shown.at(-1);
  if (last?.role === "assistant") return last;
  const answer: RunMessage = { id: run, role: "assistant", parts: [] };
  shown.push(answer);
  return answer;
}

const questionOf = ({ text, attachments = [] }: Question): RunMessage["parts"] => [
  ...attachments.map(filePart),
  { type: "text", text, state: "done" },
];

function filePart(attachment: Attachment): FileUIPart {
  if ("url" in attachment)
    return { type: "file", mediaType: attachment.mediaType ?? typeOf(attachment.url), url: attachment.url };
  const { data, mediaType, name } = attachment;
  const url = `data:${mediaType};base64,${data}`;
  return { type: "file", mediaType, url, ...(name !== undefined && { filename: name }) };
}

/** An agent takes a URL without a media type only where its path says that it is an image or a PDF. */
const typeOf = (url: string) => (/\.pdf$/i.test(new URL(url).pathname) ? "application/pdf" : "image/*");

const callPart = ({ id, tool, input }: Call): ToolUIPart => ({
  type: `tool-${tool}`,
  toolCallId: callId([id]),
  toolMetadata: { path: [] } satisfies CallMetadata,
  state: "input-available",
  input,
});

const resultPart = ({ type, toolCallId, toolMetadata, input }: ToolUIPart, result: Result): ToolUIPart => {
  const call = { type, toolCallId, input, ...(toolMetadata && { toolMetadata }) };
  return result.error === undefined
    ? { ...call, state: "output-available", output: result.output ?? null }
    : { ...call, state: "output-error", errorText: result.error };
};
