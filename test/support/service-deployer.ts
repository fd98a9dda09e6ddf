import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Spec } from "../../lib/lambda-host/index.ts";
import type { Template } from "../../lib/local/assembly/template.ts";

/**
 * The function that CloudFormation invokes to register services, taken from a synthesised stack: its code, its memory, its
 * timeout. One thing that this machine lacks is replaced: the AWS SDK of Lambda's runtime.
 * @param codeDir a folder that will be created.
 */
export function serviceDeployer(
  { outdir, template }: { outdir: string; template: Template },
  name: string,
  codeDir: string,
): Spec {
  const { Code, Handler, MemorySize, Timeout } = propertiesIn(template);
  cpSync(join(outdir, `asset.${Code.S3Key.replace(".zip", "")}`), codeDir, { recursive: true });
  const sdk = join(codeDir, "node_modules/@aws-sdk/client-secrets-manager");
  mkdirSync(sdk, { recursive: true });
  writeFileSync(join(sdk, "package.json"), JSON.stringify({ type: "module", exports: "./index.js" }));
  writeFileSync(join(sdk, "index.js"), SECRETS_MANAGER);
  return {
    name,
    codeDir,
    handler: Handler,
    memoryMb: MemorySize,
    timeoutSeconds: Timeout,
    environment: {},
  };
}

/** Every secret has the function's variable SECRET as its value. For a Restate without a token it is not used. */
const SECRETS_MANAGER = `
export class SecretsManagerClient {
  constructor() { if (!process.env.SECRET) throw new Error("no secret is expected to be read"); }
  async send() { return { SecretString: process.env.SECRET }; }
}
export class GetSecretValueCommand {}
`;

interface Properties {
  FunctionName?: string;
  Code: { S3Key: string };
  Handler: string;
  MemorySize: number;
  Timeout: number;
}

function propertiesIn(template: Template): Properties {
  const all = Object.values(template.Resources).map(({ Properties }) => Properties as Properties | undefined);
  const found = all.find((properties) =>
    String(properties?.FunctionName).startsWith("restate-registration-"),
  );
  if (!found) throw new Error("the stack has no function that registers");
  return found;
}
