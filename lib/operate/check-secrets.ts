import { DescribeSecretCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { modelsOf, parseModelName } from "../agent/index.ts";
import { type DeploymentConfig, type Roster, secretNameOf } from "../deployment/index.ts";
import { explainAwsError } from "./aws-error.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** A secret that functions read. */
interface Needed {
  name: string;
  /** The tools and agents. */
  by: string[];
  /** Whether an agent cannot ask its model without it. */
  vital: boolean;
}

/**
 * Whether the secrets of tools and agents exist and have values, which are not read. Without a model's key no run can succeed;
 * a tool without its secret says so to the model, and the others work.
 */
export async function checkSecrets(
  secrets: SecretsManagerClient,
  roster: Roster,
  config: Pick<DeploymentConfig, "name" | "model">,
): Promise<Finding[]> {
  const all = needed(roster, config);
  const found = (await Promise.all(all.map((one) => checkSecret(secrets, one)))).flat();
  if (found.length > 0) return found;
  return [ok("secrets", `${all.length} needed${all.length === 0 ? "" : ": each exists and has a value"}`)];
}

function needed(
  { tools, agents }: Roster,
  { name: deployment, model }: Pick<DeploymentConfig, "name" | "model">,
): Needed[] {
  const wanted = [
    ...agents.flatMap((agent) => {
      const main = model ?? agent.model;
      return modelsOf(agent, main).flatMap((one) =>
        parseModelName(one).provider.secrets.map((secret) => ({
          secret,
          by: agent.name,
          vital: one === main,
        })),
      );
    }),
    ...tools.flatMap(({ name, secrets }) => secrets.map((secret) => ({ secret, by: name, vital: false }))),
  ];
  return [...Map.groupBy(wanted, ({ secret }) => secret)].map(([secret, users]) => ({
    name: secretNameOf(deployment, secret),
    by: [...new Set(users.map(({ by }) => by))],
    vital: users.some(({ vital }) => vital),
  }));
}

async function checkSecret(secrets: SecretsManagerClient, { name, by, vital }: Needed): Promise<Finding[]> {
  try {
    const { VersionIdsToStages = {}, DeletedDate } = await secrets.send(
      new DescribeSecretCommand({ SecretId: name }),
    );
    if (DeletedDate !== undefined) return [missing("is about to be deleted", "restore-secret --secret-id")];
    const hasValue = Object.values(VersionIdsToStages).flat().includes("AWSCURRENT");
    return hasValue ? [] : [missing("has no value", 'put-secret-value --secret-string "…" --secret-id')];
  } catch (error) {
    const absent = (error as Error).name === "ResourceNotFoundException";
    if (absent) return [missing("does not exist", 'create-secret --secret-string "…" --name')];
    const { what, advice } = explainAwsError(error, undefined, "Secrets Manager");
    return [warning(name, `whether it has a value is not known: ${what}`, advice)];
  }

  function missing(what: string, command: string): Finding {
    const text = `it ${what}, and ${by.join(", ")} ${by.length === 1 ? "needs" : "need"} it`;
    return (vital ? problem : warning)(name, text, `aws secretsmanager ${command} ${name}`);
  }
}
