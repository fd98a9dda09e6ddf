import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { functionArn } from "./arn.ts";
import { type Code, copyCode } from "./code.ts";
import { LambdaError } from "./lambda-error.ts";
import type { Pool } from "./pool.ts";
import type { Spec } from "./spec.ts";
import { content, LATEST, type Version, versionNumber } from "./version.ts";

/** How long a change of the configuration is in progress; on AWS it takes seconds. */
export const UPDATE_MS = 250;

/** What can change of `$LATEST`; what is absent stays. */
type ConfigurationChange = Partial<Pick<Spec, "memoryMb" | "timeoutSeconds" | "environment">> & {
  description?: string | undefined;
};

/** Conditions of a change: it is refused where one does not hold. */
interface Expected {
  revisionId?: string | undefined;
  codeSha256?: string | undefined;
}

/** What another host needs to go on with a function. */
export interface History {
  /** The highest number that a version was ever given. */
  lastNumber: number;
  /** What was published last, and what was in `$LATEST` at the time. */
  published: { version: string; content: string } | undefined;
  /** None if the function is deleted. */
  versions: Omit<Version, "pool">[];
}

type CreatePool = (spec: Spec, version: string, code: Code) => Pool;

/**
 * A function with its versions side by side. A number is never given twice, not even after a deletion of the whole
 * function.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
 */
export class LambdaFunction {
  readonly name: string;
  readonly #codeRoot: string;
  readonly #createPool: CreatePool;
  readonly #versions = new Map<string, Version>();
  #lastNumber = 0;
  #published: History["published"];
  #update: NodeJS.Timeout | undefined;

  /** @param codeRoot a folder for copies of this function's code. */
  constructor(name: string, codeRoot: string, createPool: CreatePool) {
    this.name = name;
    this.#codeRoot = codeRoot;
    this.#createPool = createPool;
  }

  find(version = LATEST): Version | undefined {
    return this.#versions.get(version);
  }

  /** `$LATEST`, then the published versions in their order. Empty if the function is deleted. */
  get versions(): Version[] {
    return [...this.#versions.values()].sort((a, b) => versionNumber(a.version) - versionNumber(b.version));
  }

  /** The published version with the highest number that is still there. */
  get newest(): string | undefined {
    return this.versions.slice(1).at(-1)?.version;
  }

  /** A change of the configuration is in progress. */
  get updating(): boolean {
    return this.#update !== undefined;
  }

  get history(): History {
    const versions = this.versions.map(({ pool: _, ...version }) => version);
    return { lastNumber: this.#lastNumber, published: this.#published, versions };
  }

  /** Goes on from a history. For a function that has none of its own yet. */
  goOnFrom({ lastNumber, published, versions }: History): void {
    this.#lastNumber = lastNumber;
    this.#published = published;
    for (const version of versions) {
      const pool = this.#createPool(version.spec, version.version, version.code);
      this.#versions.set(version.version, { ...version, pool });
    }
  }

  /**
   * Copies the code and makes it, with its configuration, `$LATEST` and the next version.
   * @returns that version.
   * @throws Error if the code is no folder.
   */
  deploy(spec: Spec): Version {
    const code = copyCode(spec, join(this.#codeRoot, String(this.#lastNumber + 1)));
    this.#endUpdate();
    this.#setLatest(spec, code, this.find()?.description ?? "");
    return this.#addVersion();
  }

  /**
   * Changes `$LATEST`. Its environments end, busy ones after their request. Until the change is complete, another one and
   * a publication are refused.
   * @throws LambdaError if a change is in progress, or if a condition does not hold.
   */
  updateConfiguration({ description, ...change }: ConfigurationChange, expected: Expected): Version {
    const latest = this.#settledLatest(expected);
    const spec = { ...latest.spec, ...change };
    this.#update = setTimeout(() => this.#endUpdate(), UPDATE_MS).unref();
    return this.#setLatest(spec, latest.code, description ?? latest.description);
  }

  /**
   * Makes `$LATEST` the next version.
   * @returns that version; the last one if `$LATEST` has not changed since.
   * @throws LambdaError if a change is in progress, or if a condition does not hold.
   */
  publish(description: string | undefined, expected: Expected): Version {
    const latest = this.#settledLatest(expected);
    const last = this.find(this.#published?.version ?? "");
    return last && this.#published?.content === content(latest) ? last : this.#addVersion(description);
  }

  /**
   * Deletes a published version, if there is one of that number. Its environments end, busy ones after their request.
   * @throws LambdaError while it has provisioned concurrency.
   */
  deleteVersion(version: string): void {
    if (this.find(version)?.pool.provisioned)
      throw new LambdaError(
        "ResourceConflictException",
        `Version ${version} of function ${this.name} has provisioned concurrency: delete that first.`,
      );
    this.#remove(version);
  }

  deleteAll(): void {
    this.#endUpdate();
    for (const { version } of this.versions) this.#remove(version);
  }

  #remove(version: string): void {
    this.find(version)?.pool.retire();
    this.#versions.delete(version);
  }

  #setLatest(spec: Spec, code: Code, description: string): Version {
    this.find()?.pool.retire();
    return this.#add(LATEST, { spec, code, description });
  }

  #addVersion(description?: string): Version {
    const latest = this.find() as Version;
    const version = String(++this.#lastNumber);
    this.#published = { version, content: content(latest) };
    // AWS gives the version that it copies another revision as well.
    this.#versions.set(LATEST, { ...latest, revisionId: randomUUID() });
    return this.#add(version, { ...latest, description: description ?? latest.description });
  }

  #add(version: string, { spec, code, description }: Pick<Version, "spec" | "code" | "description">) {
    const pool = this.#createPool(spec, version, code);
    const made = {
      version,
      spec,
      description,
      code,
      pool,
      lastModified: new Date(),
      revisionId: randomUUID(),
    };
    this.#versions.set(version, made);
    return made;
  }

  #settledLatest({ revisionId, codeSha256 }: Expected): Version {
    const latest = this.find() as Version;
    if (this.updating)
      throw new LambdaError(
        "ResourceConflictException",
        `The operation cannot be performed at this time. An update is in progress for resource: ${functionArn(this.name)}`,
      );
    if (revisionId !== undefined && revisionId !== latest.revisionId)
      throw new LambdaError(
        "PreconditionFailedException",
        `The revision of function ${this.name} is ${latest.revisionId}; the request expects ${revisionId}.`,
      );
    if (codeSha256 !== undefined && codeSha256 !== latest.code.sha256)
      throw new LambdaError(
        "InvalidParameterValueException",
        `The CodeSha256 of function ${this.name} is ${latest.code.sha256}; the request expects ${codeSha256}.`,
      );
    return latest;
  }

  #endUpdate(): void {
    clearTimeout(this.#update);
    this.#update = undefined;
  }
}
