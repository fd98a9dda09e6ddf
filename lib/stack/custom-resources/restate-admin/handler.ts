import type { Admin } from "../../../restate/index.ts";
import { readSecret } from "../../../runtime/index.ts";
import type { Change } from "./change.ts";
import { applyRules, RULES, type Rules } from "./rules.ts";
import { UNREGISTRATION, type Unregistration, unregister } from "./unregister.ts";

/** How long CloudFormation's own address may take to answer, in ms. */
const RESPOND_MS = 30_000;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
interface Request {
  RequestType: "Create" | "Update" | "Delete";
  ResourceType: string;
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
}

/** CloudFormation's custom resources that are settings of a Restate. */
export async function handler(request: Request): Promise<void> {
  const outcome = await apply(request).then(
    (Data) => ({ Status: "SUCCESS", Data }),
    // Deleting the stack must work even if its Restate is already gone.
    (error: Error) =>
      request.RequestType === "Delete" ? { Status: "SUCCESS" } : { Status: "FAILED", Reason: error.message },
  );
  // Without an answer CloudFormation waits: an error here has to fail this invocation, so that Lambda repeats it.
  const { StackId, RequestId, LogicalResourceId } = request;
  const ids = { StackId, RequestId, LogicalResourceId, PhysicalResourceId: LogicalResourceId };
  const response = await fetch(request.ResponseURL, {
    method: "PUT",
    body: JSON.stringify({ ...outcome, ...ids }),
    signal: AbortSignal.timeout(RESPOND_MS),
  });
  if (!response.ok) throw new Error(`CloudFormation answered ${response.status}`);
}

/** @returns the resource's attributes. */
async function apply(request: Request): Promise<Record<string, string>> {
  const { ResourceType, ResourceProperties } = request;
  const { adminUrl, apiKeySecret } = ResourceProperties;
  const admin: Admin = { url: adminUrl, token: apiKeySecret && (await readSecret(apiKeySecret)) };
  switch (ResourceType) {
    case RULES:
      return { Scopes: (await applyRules(admin, changeOf<Rules>(request))) ? "on" : "off" };
    case UNREGISTRATION:
      await unregister(admin, changeOf<Unregistration>(request));
      return {};
    default:
      throw new Error(`Unknown resource ${ResourceType}. Known: ${RULES}, ${UNREGISTRATION}.`);
  }
}

function changeOf<T>({ RequestType, ResourceProperties, OldResourceProperties }: Request): Change<T> {
  const now = ResourceProperties as T;
  return RequestType === "Delete"
    ? { before: now, after: undefined }
    : { before: OldResourceProperties as T | undefined, after: now };
}
