/** What `GET /runs/:id` answers. */
export type RunStatus = { id: string } & (
  | { state: "running" }
  | { state: "succeeded"; output: unknown }
  /** @param error why, with the code that the run has failed with. */
  | { state: "failed" | "cancelled"; error: { status: number; message: string } }
);
