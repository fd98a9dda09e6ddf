import { type Admin, readDeployments, removeDeployment } from "../../../restate/index.ts";
import type { Change } from "./change.ts";

/** The functions whose versions are unregistered when they are deleted. A registration itself removes only the last one. */
export const UNREGISTRATION = "Custom::RestateUnregistration";

export interface Unregistration {
  /** ARNs without a version. */
  functionArns: string[];
}

/** Unregisters every version of the functions that no longer exist: otherwise Restate would call an older one. */
export async function unregister(admin: Admin, { before, after }: Change<Unregistration>): Promise<void> {
  const gone = (before?.functionArns ?? []).filter((arn) => !after?.functionArns.includes(arn));
  if (gone.length === 0) return;
  for (const { id, arn = "" } of await readDeployments(admin)) {
    if (gone.includes(arn.replace(/:[^:]+$/, ""))) await removeDeployment(admin, id);
  }
}
