import { NestedStack, type Stack } from "aws-cdk-lib";
import { MAIN_STACK, type ToolStacks } from "../deployment/index.ts";
import type { Tool } from "../tool/index.ts";

/**
 * Makes the nested stacks. They are deployed one after the other, so that few services are registered at the same time.
 * @returns the stack that a tool belongs to.
 */
export function nestTools(
  main: Stack,
  tools: readonly Tool[],
  toolStacks: ToolStacks,
): (tool: string) => Stack {
  const places = new Map<string, Stack>();
  let before: Stack | undefined;
  for (const [id, names] of Object.entries(toolStacks)) {
    const there = tools.filter(({ name }) => names.includes(name));
    if (id === MAIN_STACK || there.length === 0) continue;
    const stack = new NestedStack(main, id, { description: `Tools of ${main.stackName}` });
    if (before) stack.addStackDependency(before);
    before = stack;
    for (const { name } of there) places.set(name, stack);
  }
  return (tool) => places.get(tool) ?? main;
}

/** Names what each stack has one of: the main one by the deployment's name, the others by theirs, too. */
export function namedAfter(deployment: string, stack: Stack): string {
  return stack.nestedStackParent ? `${deployment}-${stack.node.id}` : deployment;
}
