import type { Template } from "../../lib/local/assembly/template.ts";
import { inOrder, type Resource, resolver } from "./cloud-formation-template.ts";

/** A resource as it exists, outside of CloudFormation. */
export interface Physical {
  id: string;
  attributes: Readonly<Record<string, string>>;
}

/** What makes, changes and deletes resources of a type. What it throws fails the operation. */
export interface Provider {
  create(logicalId: string, properties: Properties): Promise<Physical>;
  /** @returns the same id, or a new one: then CloudFormation deletes the old resource in the cleanup phase. */
  update(logicalId: string, physical: Physical, properties: Properties, old: Properties): Promise<Physical>;
  delete(logicalId: string, physical: Physical, properties: Properties): Promise<void>;
  /** Whether one that was replaced gets an update in a rollback too, as custom resources do. Default: it is itself again. */
  updatesReplaced?: boolean;
}
export type Properties = Record<string, unknown>;

/** A resource that could not be made or changed, which nevertheless has an id. */
export class ResourceError extends Error {
  readonly physical: Physical | undefined;
  constructor(message: string, physical?: Physical) {
    super(message);
    this.physical = physical;
  }
}

export type Status =
  | "UPDATE_COMPLETE"
  | "UPDATE_ROLLBACK_COMPLETE"
  | "UPDATE_ROLLBACK_FAILED"
  | "ROLLBACK_COMPLETE"
  | "CREATE_COMPLETE"
  | "DELETE_COMPLETE";

export interface Outcome {
  status: Status;
  /** `PHASE logical id`: what was created, updated, replaced and deleted, and in which phase. */
  events: string[];
  /** Why it was rolled back. */
  reason?: string;
}

interface Held {
  resource: Resource;
  physical: Physical;
  properties: Properties;
  /** For a nested stack. */
  nested?: StackDouble;
}

/** An update that is under way. */
interface Change {
  before: Map<string, Held>;
  /** How it was when the update ended or failed. */
  after: Map<string, Held>;
  /** What still has to be rolled back. */
  touched: string[];
  /** What a nested stack was given before. */
  parameters: Nested["parameters"];
  isRolledBack: boolean;
  reason?: string;
}

/** What a nested stack is given. */
export interface Nested {
  template: Template;
  parameters: Readonly<Record<string, unknown>>;
}

const NESTED = "AWS::CloudFormation::Stack";

const NOTHING: Provider = {
  create: async (logicalId) => ({ id: logicalId, attributes: {} }),
  update: async (_logicalId, physical) => physical,
  delete: async () => {},
};

/**
 * A stack as CloudFormation deploys it: one resource after the other, and in this order of phases.
 * - Forward: creates what is new and updates what has other properties than before. What has not is not touched. Nothing is
 *   deleted: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
 * - If something fails, the rollback gives what was touched its old properties, by a further update:
 *   https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-update.html
 * - Cleanup, after either: deletes what the new template has not, or what the failed update created, and the old ones of what
 *   was replaced: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html (the statuses
 *   `UPDATE_COMPLETE_CLEANUP_IN_PROGRESS` and `UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS`). What cannot be deleted is left.
 * - A nested stack is a resource whose update is one of all that is in it. It rolls back by itself when it fails, and with the
 *   stack around it; its cleanup waits until that has come through or has been rolled back:
 *   https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck
 * - `Retain` keeps a resource even if a rolled back update created it, `RetainExceptOnCreate` does not:
 *   https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export class StackDouble {
  readonly #provide: (resource: Resource) => Provider | undefined;
  readonly #read: (templateUrl: string) => Template;
  #held = new Map<string, Held>();
  #events: string[] = [];
  /** The last update, until its cleanup is done. */
  #change: Change | undefined;
  #parameters: Nested["parameters"] = {};

  /**
   * @param provide Types without a provider are made of nothing.
   * @param read reads a nested stack's template. Default: there is none.
   */
  constructor(
    provide: (resource: Resource) => Provider | undefined,
    read = (url: string): Template => {
      throw new Error(`there is no template at ${url}`);
    },
  ) {
    this.#provide = provide;
    this.#read = read;
  }

  /**
   * Creates the stack, or updates it.
   * @param fails the logical id of a resource that cannot be made or changed, and is reached after all that do not depend on it;
   * a nested stack may have it.
   * @param onFailure called when it is.
   */
  async deploy(template: Template, fails?: string, onFailure = () => {}): Promise<Outcome> {
    this.#events = [];
    const isFirst = this.#held.size === 0;
    try {
      await this.#update({ template, parameters: {} }, fails, onFailure);
    } catch (error) {
      return this.#rollBack((error as Error).message);
    }
    await this.#cleanUp();
    return { status: isFirst ? "CREATE_COMPLETE" : "UPDATE_COMPLETE", events: this.#events };
  }

  /**
   * Goes on with a rollback that has failed, from where it failed.
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
   */
  async continueRollback(): Promise<Outcome> {
    this.#events = [];
    return this.#rollBack(this.#change?.reason);
  }

  /** Deletes the stack: first what others do not need. */
  async delete(): Promise<Outcome> {
    this.#events = [];
    await this.#deleteAll();
    return { status: "DELETE_COMPLETE", events: this.#events };
  }

  async #deleteAll(): Promise<void> {
    for (const [logicalId, held] of [...this.#held].reverse())
      await this.#clean(logicalId, held, held.resource.DeletionPolicy);
    this.#held.clear();
  }

  /** Forward. What the template has no longer is left to the cleanup. */
  async #update({ template, parameters }: Nested, fails?: string, onFailure = () => {}): Promise<void> {
    const { Resources } = template;
    const change = {
      before: new Map(this.#held),
      after: this.#held,
      touched: [],
      parameters: this.#parameters,
      isRolledBack: false,
    };
    this.#change = change;
    this.#parameters = parameters;
    const isIn = (id: string) => this.#nestedIn(Resources[id]).includes(String(fails));
    const failing = Object.keys(Resources).find((id) => id === fails || isIn(id));
    try {
      for (const logicalId of inOrder(Resources as Record<string, Resource>, failing)) {
        if (logicalId === fails) {
          onFailure();
          throw new Error(`${fails} fails`);
        }
        await this.#put(logicalId, Resources[logicalId] as Resource, { fails, onFailure });
      }
      change.after = new Map([...this.#held].filter(([logicalId]) => logicalId in Resources));
    } catch (error) {
      change.after = new Map(this.#held);
      throw error;
    }
  }

  /** The logical ids in a nested stack's template. */
  #nestedIn(resource: Resource | undefined): string[] {
    if (resource?.Type !== NESTED) return [];
    return Object.keys(this.#read(String(this.#resolve(resource).TemplateURL)).Resources);
  }

  async #put(
    logicalId: string,
    resource: Resource,
    failure: { fails: string | undefined; onFailure: () => void },
  ): Promise<void> {
    const properties = this.#resolve(resource);
    const old = this.#held.get(logicalId);
    if (old && JSON.stringify(old.properties) === JSON.stringify(properties)) {
      this.#held.set(logicalId, { ...old, resource });
      return;
    }
    this.#change?.touched.push(logicalId);
    if (resource.Type === NESTED) return this.#putNested(logicalId, { resource, properties }, failure);
    const provider = this.#provide(resource) ?? NOTHING;
    const hold = (physical: Physical) => this.#held.set(logicalId, { resource, physical, properties });
    try {
      const physical = old
        ? await provider.update(logicalId, old.physical, properties, old.properties)
        : await provider.create(logicalId, properties);
      hold(physical);
      const what = old === undefined ? "CREATE" : physical.id === old.physical.id ? "UPDATE" : "REPLACE";
      if (provider !== NOTHING) this.#events.push(`${what} ${logicalId}`);
    } catch (error) {
      this.#events.push(`FAILED ${logicalId}`);
      const left = error instanceof ResourceError ? error.physical : undefined;
      if (left !== undefined) hold(left);
      throw new Error(`${logicalId}: ${(error as Error).message}`, { cause: error });
    }
  }

  async #putNested(
    logicalId: string,
    { resource, properties }: Pick<Held, "resource" | "properties">,
    { fails, onFailure }: { fails: string | undefined; onFailure: () => void },
  ): Promise<void> {
    const nested = this.#held.get(logicalId)?.nested ?? new StackDouble(this.#provide, this.#read);
    nested.#events = this.#events;
    this.#held.set(logicalId, { resource, properties, nested, physical: { id: logicalId, attributes: {} } });
    try {
      await nested.#update(this.#given(properties), fails, onFailure);
    } catch (error) {
      // What cannot be rolled back is tried again, and reported, when the stack around it rolls back.
      await nested.#restoreAll().catch(() => {});
      throw new Error(`${logicalId}: ${(error as Error).message}`, { cause: error });
    }
  }

  #given({ TemplateURL, Parameters = {} }: Properties): Nested {
    return { template: this.#read(String(TemplateURL)), parameters: Parameters as Nested["parameters"] };
  }

  async #rollBack(reason = ""): Promise<Outcome> {
    const change = this.#change as Change;
    change.reason = reason;
    try {
      await this.#restoreAll();
    } catch (error) {
      this.#events.push(`ROLLBACK_FAILED ${(error as Error).message}`);
      return { status: "UPDATE_ROLLBACK_FAILED", events: this.#events, reason };
    }
    await this.#cleanUp();
    const status = change.before.size === 0 ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE";
    return { status, events: this.#events, reason };
  }

  /** What remains is then as it was before the update; what that has created is left to the cleanup. */
  async #restoreAll(): Promise<void> {
    if (!this.#change) return;
    const { before, after, touched, parameters } = this.#change;
    this.#change.isRolledBack = true;
    this.#parameters = parameters;
    for (;;) {
      const [logicalId] = touched;
      if (logicalId === undefined) break;
      try {
        await this.#restore(logicalId, before.get(logicalId), after.get(logicalId));
      } catch (error) {
        throw new Error(`${logicalId}: ${(error as Error).message}`, { cause: error });
      }
      touched.shift();
    }
  }

  /** After an update or its rollback: deletes what does not belong to the stack any more. */
  async #cleanUp(): Promise<void> {
    if (!this.#change) return;
    const { before, after, isRolledBack } = this.#change;
    this.#change = undefined;
    const [from, to] = isRolledBack ? [after, before] : [before, after];
    for (const [logicalId, held] of [...from].reverse()) {
      if (to.has(logicalId)) continue;
      const { DeletionPolicy } = held.resource;
      const policy = isRolledBack && DeletionPolicy !== "Retain" ? "Delete" : DeletionPolicy;
      await this.#clean(logicalId, held, policy);
      this.#held.delete(logicalId);
    }
    for (const [logicalId, old] of from) {
      const now = this.#held.get(logicalId);
      if (now && now.physical.id !== old.physical.id)
        await this.#clean(logicalId, old, old.resource.UpdateReplacePolicy);
    }
    for (const { nested } of this.#held.values()) {
      if (!nested) continue;
      nested.#events = this.#events;
      await nested.#cleanUp();
    }
  }

  /** Gives a resource its old properties back; what was replaced is itself again. */
  async #restore(logicalId: string, old: Held | undefined, now: Held | undefined): Promise<void> {
    if (old === undefined || now === undefined) return;
    if (old.nested) return this.#restoreNested(logicalId, old, old.nested);
    const provider = this.#provide(old.resource) ?? NOTHING;
    if (old.physical.id !== now.physical.id && !provider.updatesReplaced) {
      this.#held.set(logicalId, old);
      return;
    }
    const properties = this.#resolve(old.resource);
    const physical = await provider.update(logicalId, now.physical, properties, now.properties);
    if (provider !== NOTHING) this.#events.push(`ROLLBACK ${logicalId}`);
    this.#held.set(logicalId, { ...old, physical, properties });
  }

  async #restoreNested(logicalId: string, old: Held, nested: StackDouble): Promise<void> {
    const properties = this.#resolve(old.resource);
    if (nested.#change) nested.#change.parameters = this.#given(properties).parameters;
    nested.#events = this.#events;
    await nested.#restoreAll();
    this.#held.set(logicalId, { ...old, properties });
  }

  async #clean(
    logicalId: string,
    { resource, physical, properties, nested }: Held,
    policy = "Delete",
  ): Promise<void> {
    if (policy !== "Delete") return;
    if (nested) {
      nested.#events = this.#events;
      return nested.#deleteAll();
    }
    const provider = this.#provide(resource);
    if (!provider) return;
    const deleted = await provider.delete(logicalId, physical, properties).then(
      () => "DELETE",
      () => "DELETE_FAILED",
    );
    this.#events.push(`${deleted} ${logicalId}`);
  }

  #resolve({ Properties = {} }: Resource): Properties {
    const resolve = resolver(
      (name) =>
        this.#held.get(name)?.physical ??
        (name in this.#parameters ? { id: String(this.#parameters[name]), attributes: {} } : undefined),
    );
    return resolve(Properties) as Properties;
  }
}
