import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { paginateListFunctions } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { findInstallation, inWords } from "../../lib/operate/index.ts";
import { readDeployments, readServices } from "../../lib/restate/index.ts";
import { ROOT } from "../support/imports.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const NOT_COPIED = ["node_modules", ".git", ".fanout", "cdk.out", ".env"];

/** The stage that is made and destroyed. Nobody's own may have this name. */
const STAGE = { FANOUT_STAGE: "aws-test", FANOUT_TIER: "dev" };

/** The environment of the commands: the person's own, in the stage that is for this alone. */
export const staged = (environment: Environment): Environment => ({ ...environment, ...STAGE });

/** What a person still has to set, a line each. */
export async function missing(environment: Environment): Promise<string[]> {
  const { FANOUT_TARGET: target = "", RESTATE_TOKEN: token } = environment;
  const credentials = await new STSClient({
    region: environment.FANOUT_REGION || environment.AWS_REGION || "us-east-1",
  })
    .send(new GetCallerIdentityCommand({}))
    .then(
      () => [],
      (error) => [`AWS credentials: ${(inWords(error) as Error).message}`],
    );
  return [
    ...(["cloud", "existing"].includes(target)
      ? []
      : ["FANOUT_TARGET (cloud or existing), and that target's settings: see docs/deploying.md"]),
    ...(token ? [] : ["RESTATE_TOKEN: an API key of a Restate environment that is for this alone"]),
    ...credentials,
  ];
}

/** Copies the project into a folder for temporary files, so that a tool can be broken without touching a person's files. */
export function copyProject(): string {
  const root = join(realpathSync(mkdtempSync(join(tmpdir(), "fanout-aws-"))), "project");
  cpSync(ROOT, root, { recursive: true, filter: (path) => !NOT_COPIED.includes(basename(path)) });
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  return root;
}

/** Makes a tool's code throw when it is loaded. @returns what puts it right again. */
export function breakTool(root: string, name: string): () => void {
  const file = join(root, "functions/tools", name, "handler.ts");
  if (!existsSync(file)) throw new Error(`Expected a tool with a handler of its own, got "${name}".`);
  const sound = readFileSync(file, "utf8");
  writeFileSync(file, `${sound}\nthrow new Error("made to fail");\n`);
  return () => writeFileSync(file, sound);
}

/** Everything at AWS and Restate that belongs to the stage, a line each; any other registration would be in its way. */
export async function remains(environment: Environment): Promise<string[]> {
  const { name, lambda, admin } = findInstallation(staged(environment), undefined);
  const logs = new CloudWatchLogsClient({ region: await lambda.config.region() });
  const found: string[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {}))
    for (const { FunctionName = "" } of Functions)
      if (FunctionName.includes(name)) found.push(`function ${FunctionName}`);
  for await (const { logGroups = [] } of paginateDescribeLogGroups(
    { client: logs },
    { logGroupNamePattern: name },
  ))
    for (const { logGroupName } of logGroups) found.push(`log group ${logGroupName}`);
  for (const { name: service } of await readServices(admin)) found.push(`service ${service}`);
  for (const { arn } of await readDeployments(admin))
    if (arn?.includes(`${name}-`)) found.push(`registration ${arn}`);
  return found;
}
