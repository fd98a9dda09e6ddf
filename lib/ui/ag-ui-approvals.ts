import type { RunEvent } from "../events/index.ts";
import { callId } from "./call-id.ts";

type Asked = Extract<RunEvent, { type: "approval-asked" }>;
type Answered = Extract<RunEvent, { type: "approval-answered" }>;

/** AG-UI's own interrupts end a run, which would cut off the calls beside the one that waits. */
export type AgUiApproval =
  | { type: "CUSTOM"; name: "approval-asked"; value: Interrupt }
  | { type: "CUSTOM"; name: "approval-answered"; value: ResumeEntry };

/** A call, or a part of one, waits for an approval: an interrupt of AG-UI's. */
interface Interrupt {
  subagentRunId?: string;
  id: string;
  reason: "tool-approval";
  toolCallId?: string;
  /** ISO 8601. */
  expiresAt: string;
  /** @param part whether it is a part of that call, with a tool and an input of its own. */
  metadata: { tool: string; input: unknown; part: boolean };
}

/** What became of it: as an interrupt is answered. Nobody has answered one that is `cancelled`: it has expired. */
interface ResumeEntry {
  interruptId: string;
  status: "resolved" | "cancelled";
  /** @param input in place of the model's. */
  payload: { approved: boolean } & Partial<Pick<Answered, "by" | "reason" | "input">>;
}

export function questionOf({ path, approval, id, part, tool, input, expiresAt }: Asked): AgUiApproval {
  const value: Interrupt = {
    ...(path.length > 0 && { subagentRunId: callId(path) }),
    id: approval,
    reason: "tool-approval",
    ...(id !== undefined && { toolCallId: callId([...path, id]) }),
    expiresAt: new Date(expiresAt).toISOString(),
    metadata: { tool, input, part },
  };
  return { type: "CUSTOM", name: "approval-asked", value };
}

export function answerOf({ approval, decision, by, reason, input }: Answered): AgUiApproval {
  const status = decision === "expired" ? "cancelled" : "resolved";
  const payload = { approved: decision === "approved", by, reason, input };
  return { type: "CUSTOM", name: "approval-answered", value: { interruptId: approval, status, payload } };
}
