import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteProvisionedConcurrencyConfigCommand,
  type LambdaClient,
  PutProvisionedConcurrencyConfigCommand,
  ResourceConflictException,
} from "@aws-sdk/client-lambda";

/** Lambda refuses a change while it is still making the last one, which takes one to three minutes. */
const SETTLE_MS = 5 * 60_000;
const SETTLE_POLL_MS = 500;

/**
 * Has Lambda keep `count` environments of a version warm; 0 turns it off. They are ready some time later.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
export async function setProvisioned(
  lambda: LambdaClient,
  version: { FunctionName: string; Qualifier: string },
  count: number,
): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    try {
      await (count === 0
        ? lambda.send(new DeleteProvisionedConcurrencyConfigCommand(version))
        : lambda.send(
            new PutProvisionedConcurrencyConfigCommand({
              ...version,
              ProvisionedConcurrentExecutions: count,
            }),
          ));
      return;
    } catch (error) {
      if (!(error instanceof ResourceConflictException) || performance.now() > deadline) throw error;
      await sleep(SETTLE_POLL_MS);
    }
  }
}
