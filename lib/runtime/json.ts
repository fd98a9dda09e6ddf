/** What a value takes as JSON. */
interface Extent {
  bytes: number;
  /** How many arrays and objects stand inside each other: 0 for text, 1 for `[]`, 2 for `[{}]`. */
  depth: number;
}

/** The size of a JSON value, in bytes. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? "");
}

/** What a value holds that JSON would lose or change without a word. The message names the field. */
class NotJson extends TypeError {
  override readonly name = "NotJson";

  /** @param path from the whole value down to the part. @param came what stands there. */
  constructor(path: readonly { key: string | number }[], came: string) {
    const field = path.map(({ key }) => key).join(".");
    super(`${field === "" ? "" : `${field}: `}expected JSON, got ${came}`);
  }
}

/** Extents of fewer bytes are measured again when they are asked for: that is cheaper than to remember them all. */
const REMEMBERED_BYTES = 100;

/** Measures JSON values: each part once, however deep it stands and in however many places. */
export class JsonMeasure {
  readonly #measured = new Map<object, Extent>();

  /**
   * @returns the extent of a value, which may be part of one that was measured before.
   * @throws NotJson for what JSON does not have: instances of classes, functions, numbers that are not finite, undefined
   *   in an array, a part that contains itself. A field that is undefined counts as left out.
   */
  extentOf(value: unknown): Extent {
    if (!isObject(value)) return { bytes: leafBytes(value, []), depth: 0 };
    return this.#measured.get(value) ?? this.#measure(value);
  }

  #measure(root: object): Extent {
    // From the root down to what is being measured: without recursion no depth is too much.
    const path = [new Container(root, [])];
    const open = new Set<object>([root]);
    for (;;) {
      const container = path.at(-1) as Container;
      if (container.isDone) {
        this.#remember(container);
        open.delete(container.object);
        path.pop();
        if (path.length === 0) return container.extent;
        path.at(-1)?.add(container.extent);
      } else {
        const part = container.current;
        if (!isObject(part)) container.add({ bytes: leafBytes(part, path), depth: 0 });
        else if (open.has(part)) throw new NotJson(path, "an object that contains itself");
        else {
          const known = this.#measured.get(part);
          if (known) container.add(known);
          else {
            path.push(new Container(part, path));
            open.add(part);
          }
        }
      }
    }
  }

  #remember({ object, extent }: Container): void {
    if (extent.bytes >= REMEMBERED_BYTES) this.#measured.set(object, extent);
  }
}

/** An array or object whose parts are being measured, one after the other. */
class Container {
  readonly object: object;
  readonly extent: Extent;
  /** undefined for an array, whose keys are its indices. */
  readonly #keys: string[] | undefined;
  readonly #length: number;
  #index = 0;

  /** @param path where the object stands. */
  constructor(object: object, path: readonly Container[]) {
    this.object = object;
    if (!Array.isArray(object) && !isPlain(object)) throw new NotJson(path, kindOf(object));
    this.#keys = Array.isArray(object) ? undefined : fieldsOf(object);
    this.#length = this.#keys?.length ?? (object as unknown[]).length;
    // The brackets, and a comma between two parts.
    this.extent = { bytes: 2 + Math.max(0, this.#length - 1), depth: 1 };
  }

  get isDone(): boolean {
    return this.#index >= this.#length;
  }

  get key(): string | number {
    return this.#keys?.[this.#index] ?? this.#index;
  }

  get current(): unknown {
    return (this.object as Record<string | number, unknown>)[this.key];
  }

  /** Counts the current part, and goes on to the next one. */
  add({ bytes, depth }: Extent): void {
    const { extent } = this;
    extent.bytes += (this.#keys ? jsonBytes(this.key) + 1 : 0) + bytes;
    extent.depth = Math.max(extent.depth, depth + 1);
    this.#index++;
  }
}

/** The names of an object's fields. JSON leaves out those that are undefined. */
export function fieldsOf(object: object): string[] {
  return Object.keys(object).filter((key) => (object as Record<string, unknown>)[key] !== undefined);
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function leafBytes(value: unknown, path: readonly Container[]): number {
  if (value === null) return 4;
  if (typeof value === "string") return jsonBytes(value);
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) {
    return String(value).length;
  }
  throw new NotJson(path, kindOf(value));
}

/** Whether an object is nobody's instance. That of another realm, such as a VM context, has another Object.prototype. */
function isPlain(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What kind of value this is, in words: `a Map`, `NaN`, `undefined`. */
export function kindOf(value: unknown): string {
  if (typeof value === "number" || value === undefined) return String(value);
  const kind = isObject(value) ? kindOfObject(value) : typeof value;
  return `${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}`;
}

function kindOfObject(object: object): string {
  if (Array.isArray(object)) return "array";
  return isPlain(object) ? "object" : object.constructor?.name || "object of a class";
}
