import type { Watch } from "../events/index.ts";
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
  messages: Message[];
  /** Whether the model was told that its answer does not fit. */
  repaired: boolean;
  account: Account;
}

/** A run that begins. */
export function newRun(
  text: string,
  settings: RunSettings,
  { depth = 0, watch }: Partial<Pick<RunState, "depth" | "watch">>,
): RunState {
  return {
    settings,
    watch,
    depth,
    messages: [{ role: "user", text }],
    repaired: false,
    account: NEW_ACCOUNT,
  };
}
