import { CfnResource, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { MAIN_STACK, SettingsError, TOOL_STACKS_FILE } from "../deployment/index.ts";

/** What CloudFormation allows. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MOST_RESOURCES = 500;

/** @throws SettingsError naming a stack with more resources than CloudFormation allows, and what to do. */
export function checkResources(root: IConstruct): void {
  for (const stack of root.node.findAll().filter(Stack.isStack)) {
    const resources = stack.node.findAll().filter(CfnResource.isCfnResource);
    const count = resources.filter((one) => Stack.of(one) === stack).length;
    if (count <= MOST_RESOURCES) continue;
    const name = stack.nestedStackParent ? stack.node.id : MAIN_STACK;
    throw new SettingsError(
      `The stack ${name} should have at most ${MOST_RESOURCES} resources, which is what CloudFormation allows; it has ${count}. ` +
        `Run \`npm run sync\`, which puts tools into further stacks. If it changes nothing, move tools that have not been deployed ` +
        `yet to another stack in functions/${TOOL_STACKS_FILE}, or remove some.`,
    );
  }
}
