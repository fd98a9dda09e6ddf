import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import * as z from "zod";
import { defineAgent } from "../../lib/agent/index.ts";
import { type DeploymentConfig, readDeploymentConfig } from "../../lib/deployment/index.ts";
import { TOPIC } from "../../lib/events/index.ts";
import { CANARY_BUNDLE } from "../../lib/stack/canary/canary.ts";
import { featureFlags } from "../../lib/stack/feature-flags.ts";
import { AgentStack, type AgentStackProps } from "../../lib/stack/index.ts";
import { RESTATE_REGISTRATION_BUNDLE } from "../../lib/stack/registrations.ts";
import { RESTATE_ADMIN_BUNDLE } from "../../lib/stack/restate-admin.ts";
import { SERVER_BUNDLE } from "../../lib/stack/server/entry.ts";
import { STUCK_RUNS_BUNDLE } from "../../lib/stack/stuck-runs/stuck-runs.ts";
import { defineTool } from "../../lib/tool/index.ts";

export const schemas = { input: z.object({}), output: z.object({}) };
export const plain = defineTool({ name: "plain", description: "Has only defaults.", ...schemas });
export const tuned = defineTool({
  name: "tuned",
  description: "Sets everything.",
  ...schemas,
  timeout: { seconds: 100 },
  scaling: { memoryMb: 256, maxConcurrency: 7, provisioned: 2 },
  env: { BASE_URL: "https://api.example" },
  secrets: ["API_KEY"],
});
export const agent = defineAgent({
  name: "TestAgent",
  description: "Tests.",
  model: "openai/gpt-5.4",
  instructions: "Test.",
  tools: [plain, tuned],
});

const cloud = { FANOUT_TARGET: "cloud", RESTATE_ENVIRONMENT_ID: "env_123abc", RESTATE_REGION: "eu" };
const existing = {
  FANOUT_TARGET: "existing",
  RESTATE_ADMIN_URL: "https://restate.example.com:9070",
  RESTATE_INGRESS_URL: "https://restate.example.com",
  RESTATE_INVOKER_ROLE_ARN: "arn:aws:iam::123456789012:role/restate",
};
const RESTATE_API_KEY_SECRET = "restate/api-key";

/** The settings of every target that a stack can be deployed for. */
export const deployedTargets = {
  cloud: { ...cloud, RESTATE_API_KEY_SECRET },
  existing: { ...existing, RESTATE_API_KEY_SECRET },
  "self-hosted": { FANOUT_TARGET: "self-hosted" },
} as const;
export const targets = { ...deployedTargets, local: {} } as const;

/** The configuration of a target. */
export function configFor(target: keyof typeof targets, more: Record<string, string> = {}): DeploymentConfig {
  return readDeploymentConfig({ ...targets[target], ...more });
}

/** The stack's own functions. */
const OWN_BUNDLES = [
  TOPIC,
  CANARY_BUNDLE,
  RESTATE_ADMIN_BUNDLE,
  RESTATE_REGISTRATION_BUNDLE,
  SERVER_BUNDLE,
  STUCK_RUNS_BUNDLE,
];

/** Makes stacks from empty bundles in the right places. */
export interface Synthesis {
  stack(config: DeploymentConfig, more?: Partial<AgentStackProps>): Stack;
  template(config: DeploymentConfig, more?: Partial<AgentStackProps>): Template;
  /** The same, but CDK's checks of CloudFormation templates refuse errors. They take a second. */
  checkedTemplate(config: DeploymentConfig): Template;
  remove(): void;
}

export function startSynthesis(): Synthesis {
  const folder = mkdtempSync(join(tmpdir(), "fanout-stack-test-"));
  let synthesised = 0;
  const bundle = (name: string) => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "index.mjs"), `export const handler = "${name}";`);
  };
  const create = (config: DeploymentConfig, more: Partial<AgentStackProps>, checked: boolean) => {
    const props = { tools: [plain, tuned], agents: [agent], config, bundleDir: folder, ...more };
    const names = [...props.tools, ...props.agents].map(({ name }) => name);
    for (const name of [...names, ...(props.plainFunctions ?? []), ...OWN_BUNDLES]) bundle(name);
    const outdir = join(folder, `cdk.out-${++synthesised}`);
    const app = new App({
      outdir,
      context: { ...featureFlags },
      builtinCloudFormationValidation: checked,
    });
    return new AgentStack(app, config.name, props);
  };
  return {
    stack: (config, more = {}) => create(config, more, false),
    template: (config, more = {}) => Template.fromStack(create(config, more, false)),
    checkedTemplate: (config) => Template.fromStack(create(config, {}, true)),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** A resource of the template. */
export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own JSON, whose shape each test asserts
  Properties: Record<string, any>;
  Metadata?: Record<string, unknown>;
  DependsOn?: string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

/** The resources of one type, by logical id. */
export function resources(template: Template, type: string): Record<string, Resource> {
  return template.findResources(type) as Record<string, Resource>;
}

/** CloudFormation's joins as text: `<Ref>` for each reference, `<Id.Attribute>` for each attribute. */
export const inOnePiece = (value: unknown): unknown => JSON.parse(JSON.stringify(value), joined);

function joined(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("Ref" in value) return `<${value.Ref}>`;
  if ("Fn::GetAtt" in value) return `<${(value["Fn::GetAtt"] as string[]).join(".")}>`;
  if (!("Fn::Join" in value)) return value;
  const [separator, parts] = value["Fn::Join"] as [string, string[]];
  return parts.join(separator);
}
