import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AdminError, readServices } from "../restate/index.ts";
import { explainAwsError } from "./aws-error.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** Restate's API key as the stack's functions will read it. */
export interface ApiKey {
  /** Undefined if it cannot be read or used. */
  key: string | undefined;
  /** Why not. */
  finding?: Finding;
}

/** Reads Restate's API key from the secret that the deployment names. */
export async function readApiKey(secrets: SecretsManagerClient, name: string): Promise<ApiKey> {
  try {
    const { SecretString: key = "" } = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
    if (/^[\w.~+/=-]+$/.test(key)) return { key };
    return unusable(
      name,
      "it holds something other than a plain key: JSON, a space or a line end",
      `aws secretsmanager put-secret-value --secret-id ${name} --secret-string "<Restate's API key>"`,
    );
  } catch (error) {
    if ((error as Error).name !== "ResourceNotFoundException") return unreadable(name, error);
    return unusable(
      name,
      "there is no such secret, or it has no value; the stack reads Restate's API key from it",
      `aws secretsmanager create-secret --name ${name} --secret-string "<Restate's API key>"`,
    );
  }
}

const unusable = (name: string, text: string, advice: string): ApiKey => ({
  key: undefined,
  finding: problem(name, text, advice),
});

/** A person may deploy what only the stack's functions may read. */
function unreadable(name: string, error: unknown): ApiKey {
  const { what, advice } = explainAwsError(error, undefined, "Secrets Manager");
  const text = `whether Restate accepts the key in it is not known before the deployment: ${what}`;
  return { key: undefined, finding: warning(name, text, advice) };
}

/** Whether Restate accepts the key in the secret. That Restate does not answer is another check's finding. */
export async function checkApiKey(adminUrl: string, name: string, key: string): Promise<Finding[]> {
  try {
    await readServices({ url: adminUrl, token: key });
    return [ok(name, "Restate accepts the key in it")];
  } catch (error) {
    const refused = error instanceof AdminError && (error.status === 401 || error.status === 403);
    if (!refused) return [];
    return [
      problem(
        name,
        `${adminUrl} refused the key in it (${error.status})`,
        `Make an API key of this environment, then: aws secretsmanager put-secret-value --secret-id ${name} --secret-string "<Restate's API key>"`,
      ),
    ];
  }
}
