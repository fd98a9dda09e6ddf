/** The one place where a Lambda program reads its environment. */
const environment = process.env;

/** The value of a declared environment variable; its default where the function's configuration leaves it empty. */
export function readSetting(name: string, defaultValue: string): string {
  return environment[name] || defaultValue;
}

/**
 * The value of a declared secret: from the environment on a laptop, else from the AWS Parameters and Secrets extension,
 * which fetches it from Secrets Manager once per execution environment and caches it.
 * @returns undefined where neither has a value.
 * @throws Error when Secrets Manager refuses or cannot be reached.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
 */
export async function readSecret(name: string): Promise<string | undefined> {
  if (environment[name]) return environment[name];
  return await fetchSecret(`${environment.SECRETS_PREFIX ?? ""}${name}`, name);
}

/** The value of a secret by its whole name in Secrets Manager; undefined on a laptop. @throws Error as `readSecret` does. */
export async function readSecretCalled(name: string): Promise<string | undefined> {
  return await fetchSecret(name, name);
}

async function fetchSecret(id: string, name: string): Promise<string | undefined> {
  const port = environment.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT;
  if (!port) return undefined;
  const secretId = encodeURIComponent(id);
  const response = await fetch(`http://localhost:${port}/secretsmanager/get?secretId=${secretId}`, {
    headers: { "X-Aws-Parameters-Secrets-Token": environment.AWS_SESSION_TOKEN ?? "" },
  });
  if (!response.ok) throw new Error(`Secrets Manager answered ${response.status} for the secret ${name}`);
  return ((await response.json()) as { SecretString?: string }).SecretString;
}
