import { expect } from "vitest";

/** Waits until a condition holds, for as long as a busy machine may need. */
export const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 30_000 });
