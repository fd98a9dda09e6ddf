import { expect, test } from "vitest";
import { ToolError } from "./error.ts";

test.each([
  [3, 3],
  [-1, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
])("a wish to wait for %d s is understood as %d", (asked, understood) => {
  expect(new ToolError("Busy.", { retryAfterSeconds: asked }).retryAfterSeconds).toBe(understood);
});
