import { expect, test } from "vitest";
import { deriveSpanId, deriveTraceId, parseTraceparent } from "./ids.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

test("derived ids have the lengths that traces ask for, and are the same wherever they are derived", () => {
  expect(deriveTraceId("inv_1")).toMatch(/^[0-9a-f]{32}$/);
  expect(deriveSpanId("run", "inv_1")).toMatch(/^[0-9a-f]{16}$/);
  expect(deriveSpanId("run", "inv_1")).toBe(deriveSpanId("run", "inv_1"));
  const ids = [
    deriveSpanId("run", "inv_1"),
    deriveSpanId("call", "inv_1"),
    deriveSpanId("run", "inv_2"),
    deriveTraceId("inv_1").slice(0, 16),
  ];
  expect(new Set(ids).size).toBe(4);
});

test.each([
  [`00-${traceId}-${spanId}-01`, { traceId, spanId, sampled: true }],
  [`00-${traceId}-${spanId}-00`, { traceId, spanId, sampled: false }],
  [`cc-${traceId}-${spanId}-03-what-comes-later`, { traceId, spanId, sampled: true }],
])("%s names a span", (header, expected) => {
  expect(parseTraceparent(header)).toEqual(expected);
});

test.each([
  undefined,
  "",
  `ff-${traceId}-${spanId}-01`,
  `00-${"0".repeat(32)}-${spanId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}-01x`,
  `00-${traceId}-${spanId}&run=inv_1-01`,
])("%s names none", (header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});
