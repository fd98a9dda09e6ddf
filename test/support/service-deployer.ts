import { join } from "node:path";
import type { Spec } from "../../lib/lambda-host/index.ts";
import type { Template } from "../../lib/local/assembly/template.ts";

/**
 * The function that CloudFormation invokes to register services, taken from a synthesised stack: its code, its memory, its
 * timeout. AWS's client in it has to be led to a Secrets Manager on this machine, unless Restate needs no token.
 */
export function serviceDeployer(
  { outdir, template }: { outdir: string; template: Template },
  name: string,
): Spec {
  const { Code, Handler, MemorySize, Timeout } = propertiesIn(template);
  return {
    name,
    codeDir: join(outdir, `asset.${Code.S3Key.replace(".zip", "")}`),
    handler: Handler,
    memoryMb: MemorySize,
    timeoutSeconds: Timeout,
    environment: {},
  };
}

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
