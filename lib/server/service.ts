import type { Context } from "hono";
import {
  type Conversations,
  ingressConversations,
  ingressRuns,
  type RestateAddress,
  type Runs,
  readEvents,
} from "../client/index.ts";
import type { MayAnswer } from "./authorize.ts";
import { type Bounds, Places } from "./bounds.ts";
import { Feeds } from "./feeds.ts";
import { RunIds } from "./run-id.ts";

/** How long Restate may take for what waits for nothing, in ms: it is asked again and again until then. */
const PATIENCE_MS = 20_000;

/** Ends a request to Restate when nobody waits for it, or nobody should any more. */
export const soon = (c: Context): AbortSignal =>
  AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(PATIENCE_MS)]);

/** What the routes stand on. */
export interface Service {
  restate: RestateAddress;
  runs: Runs;
  conversations: Conversations;
  /** What keeps conversations apart from those of other servers; empty: nothing. */
  conversationSecret: string;
  ids: RunIds;
  places: Places;
  feeds: Feeds;
  /** How long a stream lasts at most. */
  streamSeconds: number;
  /** The names of the agents that may be asked. */
  agents: () => Promise<readonly string[]>;
  /** Default: a run's own subject may, and nobody else. */
  mayAnswer: MayAnswer | undefined;
  onError: (error: unknown) => void;
}

export function createService(
  restate: RestateAddress,
  {
    secret,
    bounds,
    ...rest
  }: { secret: string; bounds: Bounds } & Pick<
    Service,
    "conversationSecret" | "agents" | "mayAnswer" | "onError"
  >,
): Service {
  return {
    ...rest,
    restate,
    runs: ingressRuns(restate),
    conversations: ingressConversations(restate),
    ids: new RunIds(secret),
    places: new Places(bounds),
    streamSeconds: bounds.streamSeconds,
    feeds: new Feeds((run, reading) => readEvents(restate, run, reading), bounds.keptBytes),
  };
}
