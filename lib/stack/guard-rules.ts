import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, parse } from "node:path";
import type { ValidationRuleSource } from "aws-cdk-lib";

/** In the kit's own package: without the programs of the package that has the rules, 32 MB, which are not needed. */
const COPIED = join(import.meta.dirname, "control-tower");

const folderOfRules = () =>
  existsSync(COPIED)
    ? COPIED
    : join(
        dirname(createRequire(import.meta.url).resolve("@cdklabs/cdk-validator-cfnguard/package.json")),
        "rules/control-tower",
      );

/**
 * AWS Control Tower's rules in cfn-guard's language, which CDK's own check understands, for these types of resources.
 * @see https://docs.aws.amazon.com/controltower/latest/controlreference/proactive-controls.html
 */
export function readGuardRules(types: ReadonlySet<string>): ValidationRuleSource[] {
  const folder = folderOfRules();
  return globSync("metadata/*/*.metadata.json", { cwd: folder })
    .map((path) => readFileSync(join(folder, path), "utf8"))
    .map((text) => JSON.parse(text) as Metadata)
    .filter(({ EvaluatedResourceTypes }) => EvaluatedResourceTypes.some((type) => types.has(type)))
    .map(({ Id }) => `${Id.toLowerCase().replaceAll(".", "-")}.guard`)
    .flatMap((file) => globSync(`cfn-guard/*/${file}`, { cwd: folder }))
    .map((path) => ({ name: parse(path).name, content: readFileSync(join(folder, path), "utf8") }));
}

/** What is said of a rule. */
interface Metadata {
  /** `CT.LAMBDA.PR.3`; its file is `ct-lambda-pr-3.guard`. */
  Id: string;
  EvaluatedResourceTypes: readonly string[];
}
