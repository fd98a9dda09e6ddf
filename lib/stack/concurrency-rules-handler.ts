import { hasScopes, limitScopes, unlimitScope } from "../restate/scopes.ts";
import { readSecret } from "../tool/environment.ts";

/** How long CloudFormation's own address may take to answer, in ms. */
const RESPOND_MS = 30_000;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
interface Request {
  RequestType: "Create" | "Update" | "Delete";
  ResponseURL: string;
  StackId: string;
  RequestId: string;
  LogicalResourceId: string;
  ResourceProperties: Properties;
  OldResourceProperties?: Properties;
}

interface Properties {
  adminUrl: string;
  /** The secret's name. */
  apiKeySecret?: string;
  /** JSON: `[{ scope, concurrency }]`. */
  limits: string;
}

/** CloudFormation's custom resource: the limits of a stack's functions as rules of its Restate. */
export async function handler(request: Request): Promise<void> {
  const outcome = await apply(request).then(
    (scopes) => ({ Status: "SUCCESS", Data: { Scopes: scopes ? "on" : "off" } }),
    (error: Error) => ({ Status: "FAILED", Reason: error.message }),
  );
  // Without an answer CloudFormation waits: what goes wrong here has to fail this invocation, which Lambda repeats.
  const { StackId, RequestId, LogicalResourceId } = request;
  const response = await fetch(request.ResponseURL, {
    method: "PUT",
    body: JSON.stringify({ ...outcome, StackId, RequestId, LogicalResourceId, PhysicalResourceId: "rules" }),
    signal: AbortSignal.timeout(RESPOND_MS),
  });
  if (!response.ok) throw new Error(`CloudFormation answered ${response.status}`);
}

/** @returns whether the server enforces limits. */
async function apply({ RequestType, ResourceProperties, OldResourceProperties }: Request): Promise<boolean> {
  const { adminUrl, apiKeySecret } = ResourceProperties;
  const admin = { url: adminUrl, token: apiKeySecret && (await readSecret(apiKeySecret)) };
  const limits = RequestType === "Delete" ? new Map<string, number>() : read(ResourceProperties);
  const before = RequestType === "Delete" ? ResourceProperties : OldResourceProperties;
  try {
    if (!(await hasScopes(admin))) return false;
    await limitScopes(admin, limits);
    const gone = [...(before ? read(before).keys() : [])].filter((scope) => !limits.has(scope));
    for (const scope of gone) await unlimitScope(admin, scope);
    return true;
  } catch (error) {
    // The stack goes all the same when its Restate is gone already.
    if (RequestType !== "Delete") throw error;
    return false;
  }
}

function read({ limits }: Properties): Map<string, number> {
  const list = JSON.parse(limits) as { scope: string; concurrency: number }[];
  return new Map(list.map(({ scope, concurrency }) => [scope, concurrency]));
}
