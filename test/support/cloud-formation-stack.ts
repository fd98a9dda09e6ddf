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
}

interface Rollback {
  before: Map<string, Held>;
  /** What still has to be rolled back. */
  touched: string[];
  reason: string;
}

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
 * - `Retain` keeps a resource even if a rolled back update created it, `RetainExceptOnCreate` does not:
 *   https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export class StackDouble {
  readonly #provide: (resource: Resource) => Provider | undefined;
  #held = new Map<string, Held>();
  #events: string[] = [];
  /** A rollback that has failed. */
  #rollback: Rollback | undefined;

  /** @param provide Types without a provider are made of nothing. */
  constructor(provide: (resource: Resource) => Provider | undefined) {
    this.#provide = provide;
  }

  /**
   * Creates the stack, or updates it.
   * @param fails the logical id of a resource that cannot be made or changed, and is reached after all that do not depend on it.
   * @param onFailure called when it is.
   */
  async deploy({ Resources }: Template, fails?: string, onFailure = () => {}): Promise<Outcome> {
    this.#events = [];
    const before = new Map(this.#held);
    const order = inOrder(Resources as Record<string, Resource>, fails);
    const touched: string[] = [];
    try {
      for (const logicalId of order) {
        if (logicalId === fails) {
          onFailure();
          throw new Error(`${fails} fails`);
        }
        await this.#put(logicalId, Resources[logicalId] as Resource, touched);
      }
    } catch (error) {
      return this.#rollBack({ before, touched, reason: (error as Error).message });
    }
    const gone = [...before].filter(([logicalId]) => !(logicalId in Resources)).reverse();
    for (const [logicalId, held] of gone) {
      await this.#clean(logicalId, held, held.resource.DeletionPolicy);
      this.#held.delete(logicalId);
    }
    await this.#cleanReplaced(before, this.#held);
    return { status: before.size === 0 ? "CREATE_COMPLETE" : "UPDATE_COMPLETE", events: this.#events };
  }

  /**
   * Goes on with a rollback that has failed, from where it failed.
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
   */
  async continueRollback(): Promise<Outcome> {
    this.#events = [];
    return this.#rollBack(this.#rollback as Rollback);
  }

  /** Deletes the stack: first what others do not need. */
  async delete(): Promise<Outcome> {
    this.#events = [];
    for (const [logicalId, held] of [...this.#held].reverse())
      await this.#clean(logicalId, held, held.resource.DeletionPolicy);
    this.#held.clear();
    return { status: "DELETE_COMPLETE", events: this.#events };
  }

  async #put(logicalId: string, resource: Resource, touched: string[]): Promise<void> {
    const properties = this.#resolve(resource);
    const old = this.#held.get(logicalId);
    if (old && JSON.stringify(old.properties) === JSON.stringify(properties)) {
      this.#held.set(logicalId, { ...old, resource });
      return;
    }
    touched.push(logicalId);
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

  async #rollBack(rollback: Rollback): Promise<Outcome> {
    this.#rollback = rollback;
    const { before, touched, reason } = rollback;
    const after = new Map(this.#held);
    for (;;) {
      const [logicalId] = touched;
      if (logicalId === undefined) break;
      try {
        await this.#restore(logicalId, before.get(logicalId), after.get(logicalId));
      } catch (error) {
        this.#events.push(`ROLLBACK_FAILED ${logicalId}: ${(error as Error).message}`);
        return { status: "UPDATE_ROLLBACK_FAILED", events: this.#events, reason };
      }
      touched.shift();
    }
    const created = [...after].filter(([logicalId]) => !before.has(logicalId)).reverse();
    for (const [logicalId, held] of created) {
      const { DeletionPolicy } = held.resource;
      await this.#clean(logicalId, held, DeletionPolicy === "Retain" ? "Retain" : "Delete");
      this.#held.delete(logicalId);
    }
    await this.#cleanReplaced(after, this.#held);
    const status = before.size === 0 ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE";
    return { status, events: this.#events, reason };
  }

  /** Gives a resource its old properties back; what was replaced is itself again. */
  async #restore(logicalId: string, old: Held | undefined, now: Held | undefined): Promise<void> {
    if (old === undefined || now === undefined) return;
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

  async #cleanReplaced(from: Map<string, Held>, to: Map<string, Held>): Promise<void> {
    for (const [logicalId, old] of from) {
      const now = to.get(logicalId);
      if (now && now.physical.id !== old.physical.id)
        await this.#clean(logicalId, old, old.resource.UpdateReplacePolicy);
    }
  }

  async #clean(
    logicalId: string,
    { resource, physical, properties }: Held,
    policy = "Delete",
  ): Promise<void> {
    if (policy !== "Delete") return;
    const provider = this.#provide(resource);
    if (!provider) return;
    const deleted = await provider.delete(logicalId, physical, properties).then(
      () => "DELETE",
      () => "DELETE_FAILED",
    );
    this.#events.push(`${deleted} ${logicalId}`);
  }

  #resolve({ Properties = {} }: Resource): Properties {
    const resolve = resolver((logicalId) => this.#held.get(logicalId)?.physical);
    return resolve(Properties) as Properties;
  }
}
