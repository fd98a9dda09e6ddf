import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, parse } from "node:path";
import type { ValidationRuleSource } from "aws-cdk-lib";

const { resolve } = createRequire(import.meta.url);

/**
 * AWS Control Tower's rules in cfn-guard's language, for these types of resources. Of the package that has them, its programs are not
 * needed: CDK's own check understands the language.
 * @see https://docs.aws.amazon.com/controltower/latest/controlreference/proactive-controls.html
 */
export function readGuardRules(types: ReadonlySet<string>): ValidationRuleSource[] {
  const folder = join(
    dirname(resolve("@cdklabs/cdk-validator-cfnguard/package.json")),
    "rules/control-tower",
  );
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
