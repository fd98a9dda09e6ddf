import { runTool, startStandIn } from "fanout/testing";
import { expect, test } from "vitest";
import { service } from "../functions/tools/get_tide/handler.ts";
import standIn from "../functions/tools/get_tide/stand-in.ts";

test("get_tide says when the water is high", async () => {
  await using provider = await startStandIn(standIn);
  const tide = await runTool(service, { harbour: " Oslo" }, { env: provider.env });
  expect(tide).toEqual({ harbour: "Oslo", high: "06:12" });
});

test("get_tide is worth another try when its provider has trouble", async () => {
  await using provider = await startStandIn(standIn);
  provider.fail({ errorRate: 1 });
  const tide = runTool(service, { harbour: "Oslo" }, { env: provider.env });
  await expect(tide).rejects.toMatchObject({ name: "ToolError", retryable: true });
});

test("get_tide sends its key, and says that it was refused", async () => {
  await using provider = await startStandIn(standIn);
  const { env } = provider;
  const tide = runTool(service, { harbour: "Oslo" }, { env, secrets: { TIDES_KEY: "wrong" } });
  await expect(tide).rejects.toThrow("Tides rejected the API key");
});
