import { type Admin, AdminError, request } from "./admin.ts";

/**
 * Cancels an invocation, and with it the calls it waits for.
 * @throws Error in a person's words when there is no such invocation, or it has ended.
 */
export async function cancelInvocation(admin: Admin, id: string): Promise<void> {
  await change(admin, id, "cancel", `Cancelling ${id}`);
}

/**
 * Resumes an invocation that is paused, or tries one that is backing off again now.
 * @param options `onLatest`: on the deployment that new calls go to, in place of the one that it began on.
 * @throws Error in a person's words when there is no such invocation, it has ended or cannot be resumed.
 */
export async function resumeInvocation(
  admin: Admin,
  id: string,
  { onLatest }: { onLatest: boolean },
): Promise<void> {
  await change(admin, id, onLatest ? "resume?deployment=latest" : "resume", `Resuming ${id}`);
}

async function change(admin: Admin, id: string, action: string, what: string): Promise<void> {
  const path = `/invocations/${encodeURIComponent(id)}/${action}`;
  try {
    await request(admin, { what, path, method: "PATCH" });
  } catch (error) {
    const status = error instanceof AdminError ? error.status : undefined;
    if (status === 404 || status === 400) throw new Error(`There is no run "${id}" at ${admin.url}.`);
    if (status === 409) throw new Error(`The run ${id} has ended already.`);
    throw error;
  }
}
