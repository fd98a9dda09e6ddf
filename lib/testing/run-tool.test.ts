import { expect, test } from "vitest";
import * as z from "zod";
import { composeTool, defineTool, implementTool, type ToolContext, ToolError } from "../tool/index.ts";
import { runTool } from "./run-tool.ts";

const tool = defineTool({
  name: "get_ship",
  description: "Says where a ship is.",
  input: z.object({ name: z.string().trim().min(1), days: z.int().default(1) }),
  output: z.object({ at: z.string() }),
  env: { SHIPS_URL: "https://ships.example", SHIPS_LANGUAGE: "en" },
  secrets: ["SHIPS_KEY"],
  maxResultBytes: 256,
});
type Context = ToolContext<keyof typeof tool.env, (typeof tool.secrets)[number]>;
type Input = z.output<typeof tool.input>;

/** What a run gives the implementation. */
async function given(
  options: Parameters<
    typeof runTool<(typeof tool)["input"], z.ZodType, keyof typeof tool.env, "SHIPS_KEY">
  >[2],
) {
  let seen: [Input, Context] | undefined;
  const service = implementTool(tool, (...args) => {
    seen = args;
    return { at: "sea" };
  });
  await runTool(service, { name: " Fram" }, { secrets: { SHIPS_KEY: "k" }, ...options });
  return seen as [Input, Context];
}

test("the implementation gets its input as the contract reads it, and what the contract declares", async () => {
  const [input, { signal, ...context }] = await given({});
  expect(input).toEqual({ name: "Fram", days: 1 });
  expect(context).toEqual({
    env: { SHIPS_URL: "https://ships.example", SHIPS_LANGUAGE: "en" },
    secrets: { SHIPS_KEY: "k" },
    attempt: 1,
    idempotencyKey: "test",
  });
  expect(signal.aborted).toBe(false);
});

test("a test's values replace the contract's, and what it does not declare stays out", async () => {
  const standIn: Record<string, string> = { SHIPS_URL: "http://127.0.0.1:1", SHIPS_KEY: "env", OTHER: "x" };
  const [, { env, secrets, attempt, idempotencyKey }] = await given({
    env: standIn,
    secrets: {},
    attempt: 2,
    idempotencyKey: "key",
  });
  expect(env).toEqual({ SHIPS_URL: "http://127.0.0.1:1", SHIPS_LANGUAGE: "en" });
  expect({ secrets, attempt, idempotencyKey }).toEqual({
    secrets: { SHIPS_KEY: "env" },
    attempt: 2,
    idempotencyKey: "key",
  });
});

test("a test's signal aborts the call", async () => {
  const stop = new AbortController();
  const [, { signal }] = await given({ signal: stop.signal });
  stop.abort("enough");
  expect(signal.reason).toBe("enough");
});

test("the signal aborts when the contract's timeout has passed", async () => {
  const hasty = defineTool({ ...tool, secrets: [], timeout: { seconds: 1 } } as never) as typeof tool;
  const service = implementTool(
    hasty,
    (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  await expect(runTool(service, { name: "Fram" })).rejects.toMatchObject({ name: "TimeoutError" });
});

const serviceOf = (implementation: () => unknown) =>
  implementTool({ ...tool, secrets: [] as readonly never[] }, () => implementation() as { at: string });

test("a ToolError is thrown as it is, without further tries", async () => {
  const error = new ToolError("busy", { retryable: true });
  let tries = 0;
  const service = serviceOf(() => {
    tries += 1;
    throw error;
  });
  await expect(runTool(service, { name: "Fram" })).rejects.toBe(error);
  expect(tries).toBe(1);
});

test("an input that breaks the contract never reaches the implementation", async () => {
  const service = serviceOf(() => expect.unreachable());
  const wrong = runTool(service, { name: "" });
  await expect(wrong).rejects.toThrow(/^get_ship: the input breaks its contract: name: .*, got ""$/);
  await expect(wrong).rejects.toBeInstanceOf(TypeError);
});

test("an output that breaks the contract is an error; one that fits is as an agent reads it, uncut", async () => {
  const broken = runTool(
    serviceOf(() => ({ at: 1 })),
    { name: "Fram" },
  );
  await expect(broken).rejects.toThrow(
    "get_ship made a result that breaks its contract: at: expected string, got 1",
  );
  const long = "far ".repeat(200);
  expect(
    await runTool(
      serviceOf(() => ({ at: long })),
      { name: "Fram" },
    ),
  ).toEqual({ at: long });
});

test("what the contract leaves out of an output is an error, since no agent would see it", async () => {
  const more = serviceOf(() => ({ at: "sea", more: 1 }));
  await expect(runTool(more, { name: "Fram" })).rejects.toThrow(
    "get_ship: the output has what its contract leaves out: more",
  );
});

test("a secret without a value is the test's mistake, and says how to give one", async () => {
  const service = implementTool(tool, () => ({ at: "sea" }));
  await expect(runTool(service, { name: "Fram" })).rejects.toThrow(
    'get_ship needs a value for SHIPS_KEY, such as secrets: { SHIPS_KEY: "a-key" }',
  );
});

test("a composite is refused: its parts need a server", async () => {
  const composite = composeTool(tool, async () => ({ at: "sea" }));
  await expect(runTool(composite as never, { name: "Fram" })).rejects.toThrow(
    /got the service "get_ship"\. A composite or an agent needs a server: use startPlatform\.$/,
  );
});
