import { Hono } from "hono";
import { afterEach, describe, expect, test } from "vitest";
import { defineStandIn, type Sandbox, startSandbox } from "./index.ts";

const prices = defineStandIn({
  provider: "prices",
  latencyMs: 0,
  env: (url) => ({ PRICES_URL: url }),
  trouble: (status) => ({ problem: status }),
  app: new Hono().get("/latest", (c) => c.json({ price: 3 })),
});
const rates = defineStandIn({
  provider: "rates",
  latencyMs: 0,
  env: (url) => ({ RATES_URL: `${url}/v1`, RATES_KEY: "k" }),
  app: new Hono().get("/v1", (c) => c.json({ rate: 2 })),
});

let sandbox: Sandbox;
afterEach(() => sandbox.stop());

const start = async (options: Parameters<typeof startSandbox>[0] = {}) => {
  sandbox = await startSandbox({ standIns: { prices, rates }, models: false, ...options });
  return sandbox;
};
const get = (path: string, init?: RequestInit) => fetch(`${sandbox.url}${path}`, init);
const json = async (path: string, init?: RequestInit) => (await get(path, init)).json();
const put = async (path: string, body: unknown) => {
  const headers = { "content-type": "application/json" };
  const answer = await get(path, { method: "PUT", headers, body: JSON.stringify(body) });
  return [answer.status, await answer.json()];
};

test("every answer is marked as the sandbox's", async () => {
  await start({ faults: { rates: { errorRate: 1 } } });
  for (const path of ["/prices/latest", "/rates/v1"]) {
    expect((await get(path)).headers.get("x-sandbox")).toBe("true");
  }
});

describe("faults", () => {
  test.each([
    ["openai", "/openai/v1/responses", { error: { code: "rate_limit_exceeded" } }],
    ["anthropic", "/anthropic/v1/messages", { type: "error", error: { type: "rate_limit_error" } }],
    [
      "google",
      "/google/v1beta/models/m:generateContent",
      { error: { code: 429, message: expect.any(String), status: "RESOURCE_EXHAUSTED" } },
    ],
    ["bedrock", "/bedrock/model/m/converse", { message: expect.any(String) }],
    ["prices", "/prices/latest", { problem: 429 }],
    ["rates", "/rates/v1", { error: "Too many requests (sandbox)." }],
  ] as const)(
    "%s answers 429 in its own words and with a retry-after, and 500 likewise",
    async (name, path, body) => {
      await start({ models: true, faults: { [name]: { rateLimitRate: 1, latencyMs: 0 } } });
      const post = () =>
        get(path, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
      const limited = await post();
      expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "1"]);
      expect(await limited.json()).toMatchObject(body);
      sandbox.faults.set(name, { latencyMs: 0, errorRate: 1 });
      expect((await post()).status).toBe(500);
    },
  );

  test("delay an answer", async () => {
    await start({ faults: { prices: { latencyMs: 80 } } });
    const started = performance.now();
    await get("/prices/latest");
    expect(performance.now() - started).toBeGreaterThan(75);
  });

  test("hold a request until its client or the sandbox is gone", async () => {
    await start({ faults: { prices: { hang: true } } });
    const requested = async (count: number) => {
      while (Number(sandbox.requests().prices) < count) await new Promise(setImmediate);
    };
    const client = new AbortController();
    const left = get("/prices/latest", { signal: client.signal }).catch(({ name }) => name);
    await requested(1);
    client.abort();
    expect(await left).toBe("AbortError");
    const held = get("/prices/latest").catch((error) => error.message);
    await requested(2);
    await sandbox.stop();
    expect(await held).toBe("fetch failed");
    await start();
  });
});

describe("the control endpoints", () => {
  test("set and show faults, and count requests", async () => {
    await start();
    expect(await put("/_control/faults/prices", { errorRate: 1, latencyMs: 0 })).toEqual([
      200,
      { latencyMs: 0, errorRate: 1, rateLimitRate: 0, hang: false },
    ]);
    expect((await get("/prices/latest")).status).toBe(500);
    expect((await put("/_control/faults", { rates: { hang: true }, prices: {} }))[0]).toBe(200);
    expect(await json("/_control/faults")).toMatchObject({
      rates: { hang: true },
      prices: { errorRate: 0 },
    });
    expect(await json("/_control/faults/rates")).toMatchObject({ hang: true });
    expect(await json("/_control/requests")).toEqual({
      ...{ openai: 0, anthropic: 0, google: 0, bedrock: 0 },
      ...{ prices: 1, rates: 0 },
    });
  });

  test.each([
    [
      "/_control/faults/price",
      {},
      'Unknown upstream "price". Upstreams: openai, anthropic, google, bedrock, prices, rates.',
    ],
    ["/_control/faults/prices", { errors: 1 }, "Fields: latencyMs, errorRate, rateLimitRate, hang."],
    ["/_control/faults/prices", { errorRate: 2 }, "errorRate: Too big"],
    ["/_control/faults/prices", [], "expected a JSON object"],
    ["/_control/faults", { rates: { hang: true }, price: {} }, 'Unknown upstream "price"'],
    ["/_control/faults", { rates: { hang: true }, prices: { hang: 1 } }, "Fault of prices: hang"],
  ])("refuse PUT %s %j and change nothing", async (path, body, message) => {
    await start();
    const before = sandbox.faults.all();
    expect(await put(path, body)).toEqual([400, { error: expect.stringContaining(message) }]);
    expect(sandbox.faults.all()).toEqual(before);
  });
});

/** A stand-in with its own server, which only records what was done with it. */
function mailServer() {
  const server = { stopped: false, nextTurn: (): unknown => undefined };
  const mail = defineStandIn({
    provider: "mail",
    latencyMs: 7,
    start: async (nextTurn) => {
      server.nextTurn = nextTurn;
      const control = new Hono().get("/box", (c) => c.json(["one"]));
      const stop = async () => {
        server.stopped = true;
      };
      return { env: { MAIL_PORT: "25" }, control, stop };
    },
  });
  return { server, mail };
}

describe("a stand-in with its own server", () => {
  test("replaces the tool's settings, asks how to answer, and has its own control endpoint", async () => {
    const { server, mail } = mailServer();
    await start({ standIns: { send: mail } });
    expect(sandbox.environment.upstreams).toEqual({ MAIL_PORT: "25" });
    sandbox.faults.set("mail", { errorRate: 1 });
    expect(server.nextTurn()).toEqual({ latencyMs: 7, hang: false, trouble: 500 });
    expect(sandbox.requests()).toMatchObject({ mail: 1, openai: 0 });
    expect(await json("/_control/box")).toEqual(["one"]);
    await sandbox.stop();
    expect(server.stopped).toBe(true);
  });

  test("that does not start is named, and those that had started are stopped", async () => {
    const { server, mail } = mailServer();
    const broken = defineStandIn({ provider: "broken", start: () => Promise.reject(new Error("No port.")) });
    await expect(start({ standIns: { send: mail, broken } })).rejects.toThrow(
      "The stand-in for broken does not start: No port.",
    );
    expect(server.stopped).toBe(true);
    await start();
  });
});

describe("startSandbox", () => {
  test("hands out the models' values separately from the tools', and only for what it stands in for", async () => {
    await start({ models: true, standIns: { prices } });
    expect(sandbox.environment).toEqual({
      models: {
        OPENAI_BASE_URL: `${sandbox.url}/openai/v1`,
        OPENAI_API_KEY: "sandbox-key",
        ANTHROPIC_BASE_URL: `${sandbox.url}/anthropic/v1`,
        ANTHROPIC_API_KEY: "sandbox-key",
        GEMINI_BASE_URL: `${sandbox.url}/google`,
        GEMINI_API_KEY: "sandbox-key",
        BEDROCK_BASE_URL: `${sandbox.url}/bedrock`,
      },
      upstreams: { PRICES_URL: `${sandbox.url}/prices` },
    });
    expect((await get("/rates/v1")).status).toBe(404);
  });

  test("knows the upstreams that it does not stand in for now, so that their faults are accepted", async () => {
    await start({ upstreams: false, faults: { openai: { hang: true }, prices: { errorRate: 1 } } });
    expect(sandbox.environment).toEqual({ models: {}, upstreams: {} });
    expect((await get("/prices/latest")).status).toBe(404);
    expect(sandbox.faults.all()).toMatchObject({ openai: { hang: true }, prices: { errorRate: 1 } });
  });

  test("says when its port is taken, and which fault does not exist", async () => {
    await start();
    const port = Number(new URL(sandbox.url).port);
    await expect(startSandbox({ port, models: false })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await expect(startSandbox({ faults: { prices: {} } })).rejects.toThrow('Unknown upstream "prices".');
  });

  test("accepts one stand-in for two tools, but not two for one provider", async () => {
    await start({ standIns: { latest: prices, history: prices } });
    expect((await get("/prices/latest")).status).toBe(200);
    const again = defineStandIn({ provider: "prices", env: () => ({}), app: new Hono() });
    await expect(
      startSandbox({ models: false, standIns: { latest: prices, history: again } }),
    ).rejects.toThrow('latest and history each have a stand-in for "prices". One is enough');
  });

  test.each([
    ["PRICES_URL", "prices"],
    ["OPENAI_API_KEY", "openai"],
  ])("refuses two stand-ins that replace %s, naming both", async (setting, owner) => {
    await start();
    const greedy = defineStandIn({
      provider: "greedy",
      env: (url) => ({ [setting]: url }),
      app: new Hono(),
    });
    await expect(startSandbox({ standIns: { prices, greedy } })).rejects.toThrow(
      `${setting} is replaced by the stand-ins for ${owner} and greedy.`,
    );
  });
});
