import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
  Stack,
} from "aws-cdk-lib";
import { readGuardRules } from "./guard-rules.ts";

/**
 * CDK's own check of templates, which knows the schema of every resource, with more to go by: the rules of AWS Control Tower, and the
 * templates of nested stacks, which CDK leaves out.
 */
export class TemplateChecks extends CloudFormationValidatePlugin {
  /** Reading rules takes most of the time, so they are read once for as long as they do. */
  #last = { types: new Set<string>(), checks: new CloudFormationValidatePlugin() };

  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const stackTemplates = context.stackTemplates.flatMap((root) => [root, ...nestedIn(context, root)]);
    return this.#checksOf(typesIn(stackTemplates)).validate({ ...context, stackTemplates });
  }

  #checksOf(types: ReadonlySet<string>): CloudFormationValidatePlugin {
    if ([...types].some((type) => !this.#last.types.has(type))) {
      const guardRules = readGuardRules(types);
      this.#last = { types: new Set(types), checks: new CloudFormationValidatePlugin({ guardRules }) };
    }
    return this.#last.checks;
  }
}

type StackTemplate = IPolicyValidationContext["stackTemplates"][number];

function nestedIn({ appConstruct }: IPolicyValidationContext, root: StackTemplate): StackTemplate[] {
  return appConstruct.node
    .findAll()
    .filter((one) => Stack.isStack(one))
    .filter(({ nestedStackParent }) => nestedStackParent?.node.path === root.stackConstructPath)
    .map(({ node, templateFile }) => ({
      ...root,
      stackConstructPath: node.path,
      templatePath: join(dirname(root.templatePath), templateFile),
    }));
}

function typesIn(stackTemplates: readonly StackTemplate[]): Set<string> {
  const templates = stackTemplates.map(({ templatePath }) => JSON.parse(readFileSync(templatePath, "utf8")));
  return new Set(
    templates.flatMap(({ Resources }) => Object.values(Resources as Resources)).map(({ Type }) => Type),
  );
}

type Resources = Record<string, { Type: string }>;
