import { getToolName, isToolUIPart } from "ai";
import type { RunMessage } from "fanout/ui";
import { Call, type CallPart } from "./call.tsx";
import { PartCall, type PartCallPart } from "./part-call.tsx";

/** A question, or an answer: texts, and the calls that ran beside each other. */
export function Message({ message: { id, role, parts, metadata } }: { message: RunMessage }) {
  const tools = new Map(parts.filter(isToolUIPart).map((part) => [part.toolCallId, getToolName(part)]));
  return (
    <li className={role}>
      <h2 className="unseen">{role === "user" ? "You" : "Agent"}</h2>
      {blocksOf(parts).map(({ key, text, calls }) =>
        calls ? (
          <ul className="calls" aria-label="Calls" key={key}>
            {calls.map((part) =>
              part.type === "data-approval" ? (
                <PartCall
                  key={part.data.approval}
                  data={part.data}
                  caller={tools.get(part.data.toolCallId)}
                  run={id}
                />
              ) : (
                <Call
                  key={part.toolCallId}
                  part={part}
                  name={getToolName(part)}
                  caller={tools.get(part.toolCallId.split("/").slice(0, -1).join("/"))}
                  run={id}
                />
              ),
            )}
          </ul>
        ) : (
          <p className="text" key={key}>
            {text}
          </p>
        ),
      )}
      {metadata?.error && <p className="problem">The run failed: {metadata.error}</p>}
      {metadata?.finishReason === "cancelled" && <p className="problem">Stopped.</p>}
      {metadata?.limit && <p className="problem">It had to end early: {metadata.limit}.</p>}
    </li>
  );
}

interface Block {
  key: string;
  text?: string;
  calls?: (CallPart | PartCallPart)[];
}

/** Texts by themselves, calls of the same turn together. */
function blocksOf(parts: RunMessage["parts"]): Block[] {
  const blocks: Block[] = [];
  for (const part of parts) {
    const key = `block ${blocks.length}`;
    const calls = blocks.at(-1)?.calls;
    if (part.type === "text") blocks.push({ key, text: part.text });
    else if (!isToolUIPart(part) && part.type !== "data-approval") continue;
    else if (calls) calls.push(part);
    else blocks.push({ key, calls: [part] });
  }
  return blocks;
}
