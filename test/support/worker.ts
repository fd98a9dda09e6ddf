import { builtinEnvironments, type Environment } from "vitest/runtime";

/** Vitest loads a worker's environment and its tests apart from each other. */
const shared = globalThis as { [AT_END]?: Set<() => Promise<void>> };
const AT_END = Symbol.for("fanout.at-workers-end");

/** Has something done when the worker has run its last file. */
export function atWorkersEnd(task: () => Promise<void>): void {
  if (!shared[AT_END]) throw new Error("the tests' environment is not test/support/worker.ts");
  shared[AT_END].add(task);
}

/** Node's own environment, in a worker that has an end. */
const environment: Environment = {
  ...builtinEnvironments.node,
  name: "worker",
  async setup(global, options) {
    const node = await builtinEnvironments.node.setup(global, options);
    shared[AT_END] = new Set();
    return {
      async teardown() {
        await Promise.all([...(shared[AT_END] ?? [])].map((task) => task()));
        await node.teardown(global);
      },
    };
  },
};
export default environment;
