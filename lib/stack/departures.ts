import type { Construct } from "constructs";
import { acknowledgeRule } from "./acknowledge.ts";
import type { LogSettings } from "./stage-settings.ts";

/** In days. */
const A_YEAR = 365;

/** Says why a stack, with what is nested in it, departs from rules of AWS's. */
export function acknowledgeDepartures(stack: Construct, { encryptionKey, retention }: LogSettings): void {
  acknowledgeRule(
    stack,
    "lambda_inside_vpc_check",
    "Functions ask providers and models on the internet. What has to be in a network is put there by its infra.ts.",
  );
  if (!encryptionKey)
    acknowledgeRule(
      stack,
      "cloudwatch_log_group_encrypted_check",
      "CloudWatch encrypts logs with a key of AWS's. A key of one's own, which bin/stack.ts may name, costs money.",
    );
  if (Number(retention) < A_YEAR)
    acknowledgeRule(
      stack,
      "cloudwatch_log_group_retention_period_check",
      "Logs are for finding errors, not for an audit: they are kept as long as bin/stack.ts or the tier says.",
    );
}
