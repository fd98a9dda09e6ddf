import { expect, test } from "vitest";
import * as z from "zod";
import { toLine } from "./metrics.ts";

const name = z.string().min(1).max(1024);

/**
 * The rules of the format's specification, and that every metric and dimension which is announced has a value.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const embedded = z
  .looseObject({
    _aws: z.strictObject({
      Timestamp: z.int().positive(),
      CloudWatchMetrics: z
        .array(
          z.strictObject({
            Namespace: name,
            Dimensions: z.array(z.array(z.string().min(1).max(250)).max(30)).min(1),
            Metrics: z
              .array(z.strictObject({ Name: name, Unit: z.enum(["Count", "Milliseconds", "None"]) }))
              .min(1)
              .max(100),
          }),
        )
        .min(1),
    }),
  })
  .refine((line) =>
    line._aws.CloudWatchMetrics.every(
      ({ Dimensions, Metrics }) =>
        Dimensions.flat().every((dimension) => /^(?!:)[\x20-\x7e]{1,1024}$/.test(String(line[dimension]))) &&
        Metrics.every((metric) => Number.isFinite(line[metric.Name])),
    ),
  );

const call = {
  values: { Calls: 1, FailedCalls: 0, QueueTime: undefined },
  of: { Tool: "get_weather", Status: "ok" },
  by: { Calls: ["Tool", "Status"], QueueTime: ["Tool"] },
} as const;

test("a line keeps to CloudWatch's format, and says what is measured", () => {
  const line = toLine({ deployment: "fanout-prod", byService: true }, call, 1_700_000_000_000);
  expect(embedded.parse(line)).toEqual({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: "Fanout",
          Dimensions: [["Deployment"], ["Deployment", "Tool", "Status"]],
          Metrics: [{ Name: "Calls", Unit: "Count" }],
        },
        {
          Namespace: "Fanout",
          Dimensions: [["Deployment"]],
          Metrics: [{ Name: "FailedCalls", Unit: "Count" }],
        },
      ],
    },
    Deployment: "fanout-prod",
    Tool: "get_weather",
    Status: "ok",
    Calls: 1,
    FailedCalls: 0,
  });
});

test("without metrics by tool there are those of the whole deployment only, each of which is billed once", () => {
  const line = toLine({ deployment: "fanout-prod", byService: false }, call, 1);
  const { _aws } = embedded.parse(line);
  expect(_aws.CloudWatchMetrics.map(({ Dimensions }) => Dimensions)).toEqual([
    [["Deployment"]],
    [["Deployment"]],
  ]);
});
