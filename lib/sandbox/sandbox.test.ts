import { createTransport } from "nodemailer";
import { afterEach, describe, expect, it } from "vitest";
import { type Sandbox, type SandboxOptions, startSandbox } from "./index.ts";
import { upstreamNames } from "./upstream.ts";

let sandbox: Sandbox;
afterEach(() => sandbox.stop());

const http = upstreamNames.filter((name) => name !== "postgres" && name !== "smtp");
const start = async (options: SandboxOptions = {}) => {
  const fast = Object.fromEntries(http.map((name) => [name, { latencyMs: 0, ...options.faults?.[name] }]));
  sandbox = await startSandbox({ only: http, ...options, faults: fast });
  return sandbox;
};
const get = (path: string, init?: RequestInit) => fetch(`${sandbox.url}${path}`, init);
const json = async (path: string, init?: RequestInit) => (await get(path, init)).json();
const put = async (path: string, body: unknown) => {
  const answer = await get(path, { method: "PUT", body: JSON.stringify(body) });
  return [answer.status, await answer.json()];
};

const QUARTER_HOUR = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:(00|15|30|45)$/);

describe("the stand-ins' wire formats", () => {
  it("Open-Meteo: places, and no results at all for a name nobody knows", async () => {
    await start();
    expect(await json("/open-meteo/v1/search?name=london&count=1")).toMatchObject({
      results: [{ name: "London", country: "United Kingdom", country_code: "GB", latitude: 51.50853 }],
    });
    expect(await json("/open-meteo/v1/search?name=Atlantsi")).not.toHaveProperty("results");
  });

  it("Open-Meteo: the current weather with its units, and a reason for a bad request", async () => {
    await start();
    const now = await json(
      "/open-meteo/v1/forecast?latitude=51.5&longitude=-0.1&current=temperature_2m,weather_code",
    );
    expect(now).toMatchObject({
      current_units: { time: "iso8601", temperature_2m: "°C", weather_code: "wmo code" },
      current: { time: QUARTER_HOUR, interval: 900, temperature_2m: 11.6, weather_code: 61 },
    });
    expect(now).not.toHaveProperty("current.wind_speed_10m");
    const bad = await get("/open-meteo/v1/forecast?latitude=north");
    expect([bad.status, await bad.json()]).toEqual([400, { error: true, reason: expect.any(String) }]);
  });

  it("Frankfurter: rates in a base, and 404 for a currency it does not have", async () => {
    await start();
    expect(await json("/frankfurter/v1/latest?base=USD&symbols=JPY,EUR")).toEqual({
      amount: 1,
      base: "USD",
      date: "2026-05-15",
      rates: { EUR: 0.92234, JPY: 149.74 },
    });
    const unknown = await get("/frankfurter/v1/latest?base=USD&symbols=XYZ");
    expect([unknown.status, await unknown.json()]).toEqual([404, { message: "not found" }]);
  });

  it("Finnhub: a quote, zeros for an unknown ticker, 401 without a key", async () => {
    await start();
    const headers = { "x-finnhub-token": "k" };
    expect(await json("/finnhub/api/v1/quote?symbol=AAPL", { headers })).toEqual({
      ...{ c: 231.42, d: 1.55, dp: 0.6743, h: 232.81, l: 228.72, o: 230.1, pc: 229.87, t: 1778875200 },
    });
    expect(await json("/finnhub/api/v1/quote?symbol=NOPE", { headers })).toMatchObject({
      c: 0,
      d: null,
      t: 0,
    });
    expect((await get("/finnhub/api/v1/quote?symbol=AAPL")).status).toBe(401);
  });

  it("marks every answer as the sandbox's", async () => {
    await start({ faults: { finnhub: { errorRate: 1 } } });
    for (const path of [
      "/open-meteo/v1/search?name=Rome",
      "/frankfurter/v1/latest",
      "/finnhub/api/v1/quote",
    ]) {
      expect((await get(path)).headers.get("x-sandbox")).toBe("true");
    }
  });
});

describe("faults", () => {
  it.each([
    ["openai", "/openai/v1/responses", { error: { code: "rate_limit_exceeded" } }],
    ["anthropic", "/anthropic/v1/messages", { type: "error", error: { type: "rate_limit_error" } }],
    ["bedrock", "/bedrock/model/m/converse", { message: expect.any(String) }],
    ["tavily", "/tavily/search", { detail: { error: expect.any(String) } }],
    ["open-meteo", "/open-meteo/v1/search", { error: true, reason: expect.any(String) }],
    ["frankfurter", "/frankfurter/v1/latest", { message: expect.any(String) }],
    ["finnhub", "/finnhub/api/v1/quote", { error: expect.any(String) }],
  ] as const)(
    "%s answers 429 in its own words, with a retry-after, and 500 likewise",
    async (name, path, body) => {
      await start({ faults: { [name]: { rateLimitRate: 1 } } });
      const post = () =>
        get(path, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
      const limited = await post();
      expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "1"]);
      expect(await limited.json()).toMatchObject(body);
      sandbox.faults.set(name, { latencyMs: 0, errorRate: 1 });
      expect((await post()).status).toBe(500);
    },
  );

  it("delay an answer", async () => {
    await start({ faults: { finnhub: { latencyMs: 80 } } });
    const started = performance.now();
    await get("/finnhub/api/v1/quote");
    expect(performance.now() - started).toBeGreaterThan(75);
  });

  it("hold a request until its client or the sandbox goes", async () => {
    await start({ faults: { finnhub: { hang: true } } });
    const signal = AbortSignal.timeout(50);
    await expect(get("/finnhub/api/v1/quote", { signal })).rejects.toMatchObject({ name: "TimeoutError" });
    const held = get("/finnhub/api/v1/quote").catch((error) => error.message);
    while (sandbox.requests().finnhub < 2) await new Promise(setImmediate);
    await sandbox.stop();
    expect(await held).toBe("fetch failed");
    await start();
  });
});

describe("the control endpoints", () => {
  it("set and show faults, and count requests", async () => {
    await start();
    expect(await put("/_control/faults/finnhub", { errorRate: 1, latencyMs: 0 })).toEqual([
      200,
      { latencyMs: 0, errorRate: 1, rateLimitRate: 0, hang: false },
    ]);
    expect((await get("/finnhub/api/v1/quote")).status).toBe(500);
    expect((await put("/_control/faults", { tavily: { hang: true }, finnhub: {} }))[0]).toBe(200);
    expect(await json("/_control/faults")).toMatchObject({
      tavily: { hang: true },
      finnhub: { errorRate: 0 },
    });
    expect(await json("/_control/faults/tavily")).toMatchObject({ hang: true });
    expect(await json("/_control/requests")).toMatchObject({ finnhub: 1, tavily: 0 });
  });

  it.each([
    ["/_control/faults/finhub", {}, "Upstreams: openai, anthropic"],
    ["/_control/faults/finnhub", { errors: 1 }, "Fields: latencyMs, errorRate, rateLimitRate, hang."],
    ["/_control/faults/finnhub", { errorRate: 2 }, "errorRate: Too big"],
    ["/_control/faults/finnhub", [], "expected a JSON object"],
    ["/_control/faults", { tavily: { hang: true }, finhub: {} }, 'Unknown upstream "finhub"'],
    ["/_control/faults", { tavily: { hang: true }, finnhub: { hang: 1 } }, "Fault of finnhub: hang"],
  ])("refuse PUT %s %j and change nothing", async (path, body, message) => {
    await start();
    const before = sandbox.faults.all();
    expect(await put(path, body)).toEqual([400, { error: expect.stringContaining(message) }]);
    expect(sandbox.faults.all()).toEqual(before);
  });
});

describe("the mail server", () => {
  const deliver = (mail: object) => createTransport(sandbox.environment.upstreams.SMTP_URL).sendMail(mail);
  const MAIL = { from: "a@example.com", to: ["b@example.com"], subject: "Grüße", text: "ü = ü\n\n.end" };

  it("takes mail with any login, delivers none and shows it, counted by Message-ID", async () => {
    sandbox = await startSandbox({ only: ["smtp"], faults: { smtp: { latencyMs: 0 } } });
    await deliver({ ...MAIL, messageId: "<1@example.com>" });
    await deliver({ ...MAIL, messageId: "<2@example.com>", bcc: "c@example.com", textEncoding: "base64" });
    await deliver({ ...MAIL, messageId: "<1@example.com>", textEncoding: "quoted-printable" });
    const once = {
      ...MAIL,
      messageId: "<2@example.com>",
      to: ["b@example.com", "c@example.com"],
      deliveries: 1,
    };
    expect(sandbox.mail()).toEqual([{ ...MAIL, messageId: "<1@example.com>", deliveries: 2 }, once]);
    expect(await json("/_control/mail")).toEqual(sandbox.mail());
    expect(sandbox.requests().smtp).toBe(3);
  });

  it("has its faults, and lets go of held mails when the sandbox stops", async () => {
    sandbox = await startSandbox({ only: ["smtp"], faults: { smtp: { errorRate: 1, latencyMs: 0 } } });
    await expect(deliver(MAIL)).rejects.toMatchObject({ responseCode: 451 });
    sandbox.faults.set("smtp", { rateLimitRate: 1, latencyMs: 80 });
    const started = performance.now();
    await expect(deliver(MAIL)).rejects.toMatchObject({ responseCode: 421 });
    expect(performance.now() - started).toBeGreaterThan(75);
    sandbox.faults.set("smtp", { hang: true });
    const held = deliver(MAIL).catch(({ code }) => code);
    while (sandbox.requests().smtp < 3) await new Promise(setImmediate);
    await sandbox.stop();
    expect(await held).toBe("ECONNECTION");
    expect(sandbox.mail()).toEqual([]);
    await start();
  });
});

describe("startSandbox", () => {
  it("hands out the models' values apart from the other upstreams', and only what it stands in for", async () => {
    await start({ only: ["openai", "finnhub"] });
    expect(sandbox.environment).toEqual({
      models: { OPENAI_BASE_URL: `${sandbox.url}/openai/v1`, OPENAI_API_KEY: "sandbox-key" },
      upstreams: { FINNHUB_URL: `${sandbox.url}/finnhub`, FINNHUB_API_KEY: "sandbox-key" },
    });
    expect((await get("/frankfurter/v1/latest")).status).toBe(404);
  });

  it("says when its port is taken", async () => {
    await start();
    const port = Number(new URL(sandbox.url).port);
    await expect(startSandbox({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
