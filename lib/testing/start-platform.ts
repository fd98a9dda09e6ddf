import type { TestPlatform, TestPlatformOptions } from "./platform.ts";

/**
 * Starts a project's whole platform: the real restate-server, the real bundles in the Lambda host, the stand-ins and a model
 * that follows a script, on free ports, with its files in a temporary folder: `await using platform = await startPlatform()`.
 * Nothing of it outlives the process that has started it, even if that is killed.
 * @throws Error when the project cannot be built, or a part does not start.
 */
export async function startPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  // A test of a tool alone needs none of it.
  const { start } = await import("./start.ts");
  return start(options);
}
