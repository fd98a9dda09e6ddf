import { expect, test } from "vitest";
import { HEADERS, ignoreInnerHeaders } from "./headers.ts";

test("whatever a call carries inside a run is dropped, in any spelling, and nothing else", () => {
  const inner = [...Object.values(HEADERS), "X-Fanout-Run-Id"];
  const headers = new Map([...inner, "content-type", "x-request-id"].map((name) => [name, "1"]));
  ignoreInnerHeaders({ request: { headers } } as never);
  expect([...headers.keys()]).toEqual(["content-type", "x-request-id"]);
});
