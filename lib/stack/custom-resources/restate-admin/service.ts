import {
  type Admin,
  hasScopes,
  readDeployments,
  removeDeployment,
  unlimitScope,
} from "../../../restate/index.ts";

/**
 * A tool or agent as Restate knows it, for as long as its function is in the stack. There is nothing to create: what is
 * registered, and its limit, go when CloudFormation deletes the resource, which it does in the cleanup phase, when the
 * deployment can no longer be rolled back. A registration itself would remove its last version only, and leave older ones,
 * which Restate would call then.
 */
export const SERVICE = "Custom::RestateService";

export interface Service {
  /** Its name, which is its scope's too. */
  service: string;
  /** The function's ARN without a version. */
  functionArn: string;
}

/** Removes every registered version of a service's function, and its limit. */
export async function removeService(admin: Admin, { service, functionArn }: Service): Promise<void> {
  for (const { id, arn = "" } of await readDeployments(admin)) {
    if (arn.replace(/:[^:]+$/, "") === functionArn) await removeDeployment(admin, id);
  }
  if (await hasScopes(admin)) await unlimitScope(admin, service);
}
