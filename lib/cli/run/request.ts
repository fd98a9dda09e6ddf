import type { Admin } from "../../restate/index.ts";

/** What an agent is asked, and where Restate answers. */
export interface RunRequest {
  ingressUrl: string;
  /** A bearer token, as Restate Cloud's ingress wants it. */
  token?: string | undefined;
  /** Where a run is cancelled, and where it is asked which agents there are. Default: neither can be done. */
  adminUrl?: string | undefined;
  agent: string;
  /** What the agent is given, such as `{ message: "…" }`. */
  input: unknown;
  idempotencyKey?: string | undefined;
  /** The conversation with the agent in which it is asked. Default: none, it knows nothing of what was said before. */
  conversation?: string | undefined;
  /** Default: the platform's own. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** Where a run's progress is read, if anywhere. In Restate Cloud one key opens the ingress and the admin API. */
export function adminOf({ adminUrl, token }: Pick<RunRequest, "adminUrl" | "token">): Admin | undefined {
  return adminUrl === undefined ? undefined : { url: adminUrl, token };
}
