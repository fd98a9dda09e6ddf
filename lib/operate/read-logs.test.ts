import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Loopback, serveOnLoopback } from "../sandbox/index.ts";
import { readLogs } from "./read-logs.ts";
import type { Service } from "./services.ts";

/** What a query asked for, as it comes over the wire. */
interface Query {
  logGroupNames: string[];
  startTime: number;
  endTime: number;
  queryString: string;
}

let aws: Loopback;
let queries: Query[];
let statuses: string[];
beforeEach(async () => {
  queries = [];
  statuses = ["Running", "Complete"];
  // Stands in for CloudWatch Logs and Lambda, in their wire formats.
  aws = await serveOnLoopback(
    new Hono()
      .get("/2015-03-31/functions/:name/configuration", (c) => {
        const name = c.req.param("name");
        if (name === "sea-gone")
          return c.json({ Message: "none" }, 404, { "x-amzn-errortype": "ResourceNotFoundException" });
        return c.json({ LoggingConfig: { LogGroup: `group-of-${name}` } });
      })
      .post("/", async (c) => {
        if (c.req.header("x-amz-target") === "Logs_20140328.StartQuery") {
          queries.push(await c.req.json<Query>());
          return c.json({ queryId: "q" });
        }
        const field = (name: string, value: string) => ({ field: name, value });
        return c.json({
          status: statuses.shift(),
          results: [[field("@message", '{"a":1}'), field("@log", "123456789012:group-of-sea-get_tide")]],
        });
      }),
  );
});
afterEach(() => aws.stop());

const service = (name: string) => ({ name, functionName: `sea-${name}` }) as Service;
const read = (...names: string[]) => {
  const client = {
    endpoint: aws.url,
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  };
  return readLogs(
    { lambda: new LambdaClient(client) },
    new CloudWatchLogsClient(client),
    names.map(service),
    'message.run = "inv_1"',
    { from: 1_000_400, to: 2_000_400 },
  );
};

test("lines are read from the log groups of the functions that exist", async () => {
  expect(await read("get_tide", "gone")).toEqual([{ source: "get_tide", text: '{"a":1}' }]);
  expect(queries).toEqual([
    {
      logGroupNames: ["group-of-sea-get_tide"],
      startTime: 1000,
      endTime: 2001,
      queryString: 'fields @message, @log | filter message.run = "inv_1" | sort @timestamp asc | limit 10000',
    },
  ]);
});

test("a query takes 50 log groups, so more functions take more queries", async () => {
  statuses = ["Complete", "Complete"];
  const lines = await read(...Array.from({ length: 60 }, (_, index) => `t${index}`));
  expect(queries.map(({ logGroupNames }) => logGroupNames.length)).toEqual([50, 10]);
  expect(lines).toHaveLength(2);
});

test("a query that fails is an error", async () => {
  statuses = ["Failed"];
  await expect(read("get_tide")).rejects.toThrow("CloudWatch's query ended: Failed.");
});
