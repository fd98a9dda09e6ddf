import { expect, test } from "vitest";
import { errorOrigin } from "./error-origin.ts";

const SECRET = "hunter2";

test("an error is told by its class and its frames, not by what it says", () => {
  const error = new RangeError(
    `no city ${SECRET}\nnor\n    at ${SECRET} (${SECRET}.ts:1:1)\n    at ${SECRET}.ts:1:1`,
  );
  const origin = errorOrigin(error);
  expect(origin.errorType).toBe("RangeError");
  expect(origin.frames[0]).toMatch(/^error-origin\.test\.ts:7:\d+$/);
  expect(JSON.stringify(origin)).not.toContain(SECRET);
});

test("no folder of this machine is told", () => {
  expect(JSON.stringify(errorOrigin(new Error("x")))).not.toMatch(/\/(tmp|home|work|Users)\/|file:/);
});

test("a message that was changed cannot be told from the frames, so there are none", () => {
  const error = new Error(SECRET);
  // From here on the stack has the old message.
  expect(error.stack).toContain(SECRET);
  error.message = "changed";
  expect(errorOrigin(error)).toEqual({ errorType: "Error", frames: [] });
});

test("a class of its own is told even where it does not set its name", () => {
  class OutOfStock extends Error {}
  expect(errorOrigin(new OutOfStock("x")).errorType).toBe("OutOfStock");
});

test("the system's code is told, also that of the cause", () => {
  const refused = Object.assign(new Error(SECRET), { code: "ECONNREFUSED" });
  expect(errorOrigin(refused).errorCode).toBe("ECONNREFUSED");
  expect(errorOrigin(new TypeError("fetch failed", { cause: refused })).errorCode).toBe("ECONNREFUSED");
  expect(errorOrigin(Object.assign(new Error("x"), { code: `no ${SECRET}` }))).not.toHaveProperty(
    "errorCode",
  );
});

test("what is no error is told by its type", () => {
  expect(errorOrigin(SECRET)).toEqual({ errorType: "string", frames: [] });
});
