import type { Watch } from "../events/index.ts";
import type { Attachment } from "./attachments.ts";
import { type Account, NEW_ACCOUNT } from "./budget.ts";
import type { RunSettings } from "./input.ts";
import type { Message } from "./models/seam.ts";

/** Where a run stands between two turns: everything that its next turn depends on, as plain JSON. */
export interface RunState {
  settings: RunSettings;
  /** Who watches it; undefined: nobody. */
  watch: Watch | undefined;
  /** How many agents are above this run: 0 for a person's. */
  depth: number;
  /** The run adds to them, also where it fails. */
  messages: Message[];
  /** How many of the messages were before the run. Default none. */
  past?: number;
  /** Whether a child run gives its messages back, because they are kept. Default false. */
  keeps?: boolean;
  /** Whether the model was told that its answer does not fit. */
  repaired: boolean;
  account: Account;
}

interface Begun extends Partial<Pick<RunState, "depth" | "watch" | "keeps">> {
  /** What was said before. Default: nothing. */
  past?: readonly Message[];
  attachments?: readonly Attachment[] | undefined;
  /** The run's id, where its message is kept. */
  run?: string;
  /** What the journal holds of what was before, in bytes. */
  journalBytes?: number;
}

/** A run that begins. */
export function newRun(
  text: string,
  settings: RunSettings,
  { depth = 0, watch, keeps, past = [], attachments = [], run, journalBytes = 0 }: Begun,
): RunState {
  const attached = attachments.length > 0 && { attachments };
  return {
    settings,
    watch,
    depth,
    messages: [...past, { role: "user", text, ...attached, ...(run !== undefined && { run }) }],
    ...(past.length > 0 && { past: past.length }),
    ...(keeps && { keeps }),
    repaired: false,
    account: { ...NEW_ACCOUNT, journalBytes },
  };
}
