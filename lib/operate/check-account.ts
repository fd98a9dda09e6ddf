import { GetAccountSettingsCommand } from "@aws-sdk/client-lambda";
import { explainAwsError } from "./aws-error.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";
import type { Installation } from "./installation.ts";
import { readFunctions } from "./lambda-functions.ts";
import type { Service } from "./services.ts";

/**
 * What Lambda keeps for functions without reserved concurrency.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
const KEPT_UNRESERVED = 100;
/** An account's usual limit is 1000; a new account has 10. */
const FEW = 100;

const RAISE = "Ask for more: Service Quotas, AWS Lambda, Concurrent executions.";

/** Whether AWS answers, and whether the account has room for what is declared. */
export async function checkAccount(
  { lambda }: Pick<Installation, "lambda">,
  services: readonly Service[],
): Promise<Finding[]> {
  const region = await lambda.config.region().catch(() => undefined);
  try {
    const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
    const functions = await readFunctions(
      lambda,
      services.map(({ functionName }) => functionName),
    );
    const total = AccountLimit?.ConcurrentExecutions ?? 0;
    const free = AccountLimit?.UnreservedConcurrentExecutions ?? total;
    const reserved = (service: Service) => functions.get(service.functionName)?.reserved ?? 0;
    return [
      ok("AWS", `Lambda answers in ${region}`),
      concurrency(total, free, sum(services.map((service) => missing(service, reserved(service))))),
    ];
  } catch (error) {
    const { what, advice } = explainAwsError(error, region);
    return [problem("AWS", what, advice)];
  }
}

/** The concurrency that is declared and not reserved yet. */
const missing = ({ declared }: Service, reserved: number) =>
  Math.max(0, (declared.maxConcurrency ?? 0) - reserved);

function concurrency(total: number, free: number, wanted: number): Finding {
  const text = `the account runs ${total} at once, ${free} of them are not reserved`;
  if (wanted > 0 && wanted > free - KEPT_UNRESERVED) {
    return problem(
      "concurrency",
      `${text}; ${wanted} more are to be reserved, and Lambda keeps ${KEPT_UNRESERVED} unreserved`,
      `${RAISE} Or declare a lower maxConcurrency.`,
    );
  }
  if (total < FEW)
    return warning("concurrency", `${text}: calls beyond that wait and are tried again`, RAISE);
  return ok("concurrency", text);
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
