import type { Resource as Read } from "../../lib/local/assembly/template.ts";
import type { Physical } from "./cloud-formation-stack.ts";

/** A resource of a template, with what becomes of it when it is removed or replaced. */
export interface Resource extends Read {
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

const PSEUDO: Record<string, string> = {
  "AWS::AccountId": "000000000000",
  "AWS::Partition": "aws",
  "AWS::Region": "us-east-1",
  "AWS::StackName": "stack",
  "AWS::URLSuffix": "amazonaws.com",
};

type Intrinsic = Record<string, unknown>;

/**
 * The values of a template while its stack is deployed. An attribute that nobody has set is named after its resource.
 * @param find the resource that a reference means; undefined for a parameter.
 */
export function resolver(find: (logicalId: string) => Physical | undefined): (value: unknown) => unknown {
  const ref = (name: string) => PSEUDO[name] ?? find(name)?.id ?? name;
  const attribute = ([logicalId = "", name = ""]: string[]) =>
    find(logicalId)?.attributes[name] ?? `arn:aws:local:us-east-1:000000000000:${logicalId}.${name}`;
  const resolve = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(resolve);
    const { Ref, "Fn::GetAtt": getAtt, "Fn::Join": join, ...rest } = value as Intrinsic;
    if (typeof Ref === "string") return ref(Ref);
    if (getAtt) return attribute(getAtt as string[]);
    if (join) {
      const [separator, parts] = join as [string, unknown[]];
      return parts.map(resolve).join(separator);
    }
    return Object.fromEntries(Object.entries(rest).map(([name, inner]) => [name, resolve(inner)]));
  };
  return resolve;
}

/** The logical ids that a resource needs: those it refers to, and those it names. */
function dependenciesIn(resource: Resource): string[] {
  const found = [resource.DependsOn ?? []].flat();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { Ref, "Fn::GetAtt": getAtt } = value as { Ref?: string; "Fn::GetAtt"?: string[] };
    if (typeof Ref === "string") found.push(Ref);
    if (Array.isArray(getAtt)) found.push(String(getAtt[0]));
    Object.values(value).forEach(visit);
  };
  visit(resource.Properties);
  return found;
}

/** The resources, each after those it needs; `last`, and what needs it, after all others. */
export function inOrder(resources: Record<string, Resource>, last?: string): string[] {
  const ordered: string[] = [];
  const postponed: string[] = [];
  const seen = new Set<string>();
  const needsLast = new Map<string, boolean>();
  const visit = (logicalId: string): boolean => {
    const resource = resources[logicalId];
    if (!resource) return false;
    if (seen.has(logicalId)) return needsLast.get(logicalId) ?? false;
    seen.add(logicalId);
    const needs = dependenciesIn(resource).map(visit).includes(true) || logicalId === last;
    needsLast.set(logicalId, needs);
    (needs ? postponed : ordered).push(logicalId);
    return needs;
  };
  Object.keys(resources).forEach(visit);
  return [...ordered, ...postponed];
}
