import { handler as register } from "@restatedev/restate-cdk/dist/register-service-handler/index.mjs";
import { answer, type Request } from "../answer.ts";
import { explain } from "./explain.ts";

/**
 * The id of a registration that was never made. CloudFormation deletes it even so.
 * @see https://github.com/aws/aws-cdk/tree/main/packages/%40aws-cdk/custom-resource-handlers/lib/core/nodejs-entrypoint-handler
 */
const NEVER_CREATED = "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED";

/**
 * restate-cdk's registration, with a reason that a person understands when it fails. Its own answer to CloudFormation would
 * hold Restate's words for it and two stacks, and CloudFormation refuses answers of more than 4096 bytes.
 */
export async function handler(request: Request, context: unknown): Promise<void> {
  const { RequestType, PhysicalResourceId, RequestId } = request;
  if (PhysicalResourceId === NEVER_CREATED) return answer(request, { Status: "SUCCESS", PhysicalResourceId });
  try {
    await register({ ...request, ResponseURL: "…" }, context);
  } catch (error) {
    // biome-ignore lint/suspicious/noConsole: this is where a function's log is written.
    console.error({ event: "registration failed", text: (error as Error).message });
    const Reason = explain((error as Error).message, request.ResourceProperties);
    const id = PhysicalResourceId ?? NEVER_CREATED;
    return answer(request, { Status: "FAILED", Reason, PhysicalResourceId: id });
  }
  const id = RequestType === "Create" ? RequestId : PhysicalResourceId;
  await answer(request, { Status: "SUCCESS", PhysicalResourceId: id ?? RequestId });
}
