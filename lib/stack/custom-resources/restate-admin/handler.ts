import { type Admin, AdminError } from "../../../restate/index.ts";
import { readSecret } from "../../../runtime/index.ts";
import { type Answer, answer, logFailure, type Request } from "../answer.ts";
import { nextRevision, REVISION } from "./revision.ts";
import { applyRules, RULES, type Rules } from "./rules.ts";
import { removeService, SERVICE, type Service } from "./service.ts";

/** What becomes of a resource. */
interface Outcome {
  /** What other resources read. Default: nothing. */
  attributes?: Record<string, string>;
  /** A part of its id, which comes back with the next request. Default: none. */
  state?: string;
}

/** What a resource needs that is a setting of a Restate. */
interface Properties {
  adminUrl: string;
  /** The secret's name. */
  apiKeySecret?: string;
}

/** CloudFormation's custom resources that are no resources of AWS. */
export async function handler(request: Request): Promise<void> {
  await answer(request, await apply(request).then(succeeded(request), failed(request)));
}

const succeeded =
  ({ RequestType, LogicalResourceId, PhysicalResourceId }: Request) =>
  ({ attributes: Data = {}, state }: Outcome): Answer => {
    const id = state === undefined ? LogicalResourceId : `${LogicalResourceId}-${state}`;
    return {
      Status: "SUCCESS",
      Data,
      PhysicalResourceId: (RequestType === "Delete" && PhysicalResourceId) || id,
    };
  };

const failed =
  ({ RequestType, LogicalResourceId, PhysicalResourceId = LogicalResourceId }: Request) =>
  (error: Error): Answer => {
    const answer = { Reason: error.message, PhysicalResourceId };
    if (RequestType !== "Delete") return { ...answer, Status: "FAILED" };
    // Deleting the stack must work even if its Restate is already gone. The doctor finds what is left in one that is not.
    logFailure("cleanup failed", error, { resource: LogicalResourceId });
    return { ...answer, Status: "SUCCESS" };
  };

async function apply(request: Request): Promise<Outcome> {
  switch (request.ResourceType) {
    case RULES:
      return setRules(request);
    case SERVICE: {
      const service = request.ResourceProperties as Service;
      if (request.RequestType === "Delete")
        await atRestate(request, (admin) => removeService(admin, service));
      return {};
    }
    case REVISION:
      return { attributes: { Revision: nextRevision() } };
    // CloudFormation deletes the types of earlier versions of this stack with nothing else done.
    default:
      throw new Error(
        `Unknown resource ${request.ResourceType}. Known: ${[RULES, SERVICE, REVISION].join(", ")}.`,
      );
  }
}

async function setRules(request: Request): Promise<Outcome> {
  // Each limit goes with its service.
  if (request.RequestType === "Delete") return {};
  const before = request.OldResourceProperties as (Rules & Properties) | undefined;
  const after = request.ResourceProperties as Rules & Properties;
  const isSameServer = before?.adminUrl === after.adminUrl;
  const wasOn = isSameServer && request.PhysicalResourceId?.endsWith("-on") === true;
  const isOn = await atRestate(request, (admin) => applyRules(admin, { before, after }, wasOn));
  const state = isOn ? "on" : "off";
  return { attributes: { Scopes: state }, state };
}

/** Does something at the request's Restate. */
async function atRestate<T>({ ResourceProperties }: Request, work: (admin: Admin) => Promise<T>): Promise<T> {
  const { adminUrl, apiKeySecret } = ResourceProperties as Properties;
  try {
    return await work({ url: adminUrl, token: apiKeySecret && (await readSecret(apiKeySecret)) });
  } catch (error) {
    const { status = 0, message = "" } = error as Partial<AdminError>;
    if (!(error instanceof AdminError && (status === 401 || status === 403))) throw error;
    throw new Error(`${message} The key is the value of the secret ${apiKeySecret}.`, { cause: error });
  }
}
