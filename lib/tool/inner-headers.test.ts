import { expect, test } from "vitest";
import { CALL_BOUNDS } from "./call-bounds.ts";
import { originHeaders } from "./call-origin.ts";
import { ignoreInnerHeaders } from "./inner-headers.ts";

test("whatever a call carries inside a run is dropped, in any spelling, and nothing else", () => {
  const inner = [
    ...Object.values(CALL_BOUNDS),
    ...Object.keys(originHeaders({ id: "inv_x", headers: new Map() } as never, "c")),
    "X-Fanout-Run-Id",
  ];
  const headers = new Map([...inner, "content-type", "x-request-id"].map((name) => [name, "1"]));
  ignoreInnerHeaders({ request: { headers } } as never);
  expect([...headers.keys()]).toEqual(["content-type", "x-request-id"]);
});
