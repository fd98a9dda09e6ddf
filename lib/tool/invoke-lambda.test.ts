import { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { serveOnLoopback } from "../sandbox/index.ts";
import { lambdaInvoker } from "./invoke-lambda.ts";
import { UnreadableOutput } from "./output.ts";

const LIVE = "arn:aws:lambda:eu-west-1:123456789012:function:rates:live";

let answer: () => Response | Promise<Response>;
const requests: Request[] = [];
let server: Awaited<ReturnType<typeof serveOnLoopback>>;
beforeAll(async () => {
  const app = new Hono().post("/*", (c) => {
    requests.push(c.req.raw);
    return answer();
  });
  server = await serveOnLoopback(app);
  vi.stubEnv("LAMBDA_ENDPOINT_URL", server.url);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
});
beforeEach(() => {
  requests.length = 0;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
});

const signal = () => AbortSignal.timeout(10_000);
const invoke = (effect: "read" | "write", lambda = LIVE) =>
  lambdaInvoker({ name: "rates", lambda, effect })({ city: "Oslo" }, signal());
/** An error of Lambda's API, with what must not reach a reader in its message. */
const refused = (status: number, type: string, headers = {}) =>
  new Response(JSON.stringify({ message: `User arn:aws:iam::123456789012:role/x: ${LIVE}` }), {
    status,
    headers: { "x-amzn-errortype": type, ...headers },
  });

test("the alias and the region of an ARN are asked for", async () => {
  answer = () => Response.json({ rate: 1 });
  expect(await invoke("read")).toEqual({ rate: 1 });
  const [request] = requests;
  const url = new URL(request?.url ?? "");
  expect(decodeURIComponent(url.pathname)).toBe(
    "/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:rates/invocations",
  );
  expect(url.searchParams.get("Qualifier")).toBe("live");
  expect(request?.headers.get("authorization")).toContain("/eu-west-1/lambda/");
});

test.each(["Sat, 13 Sep 275760 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "yesterday"])(
  "an answer of an absurd date is an answer, and so is the next one: %s",
  async (date) => {
    answer = () => Response.json({ rate: 1 }, { headers: { date } });
    const ask = lambdaInvoker({ name: "rates", lambda: LIVE, effect: "read" });
    expect(await ask({}, signal())).toEqual({ rate: 1 });
    expect(await ask({}, signal())).toEqual({ rate: 1 });
  },
);

describe("a failure names the function and no ARN", () => {
  test.each([
    [403, "AccessDeniedException", "may not be invoked by this tool's role", [false, false]],
    [404, "ResourceNotFoundException", "does not exist", [false, false]],
    [413, "RequestTooLargeException", "takes 6 MB at most, and the input is larger", [false, false]],
    [429, "TooManyRequestsException", "is throttled", [true, true]],
    [409, "ResourceConflictException", "could not be invoked (ResourceConflictException)", [true, false]],
    [500, "ServiceException", "could not be invoked (ServiceException)", [true, false]],
    [502, "KMSAccessDeniedException", "could not be invoked (KMSAccessDeniedException)", [true, false]],
    [
      400,
      "InvalidParameterValueException",
      "could not be invoked (InvalidParameterValueException)",
      [false, false],
    ],
  ])("%d %s: %s; retryable for a read, a write: %j", async (status, type, problem, retryable) => {
    answer = () => refused(status, type);
    const message = `Lambda function rates:live ${problem}`;
    await expect(invoke("read")).rejects.toMatchObject({ message, retryable: retryable[0] });
    await expect(invoke("write")).rejects.toMatchObject({ message, retryable: retryable[1] });
    expect(requests).toHaveLength(2);
  });

  test("a function that cannot be reached may be tried again", async () => {
    vi.stubEnv("LAMBDA_ENDPOINT_URL", "http://127.0.0.1:1");
    const message = "Lambda function rates could not be reached";
    await expect(invoke("read", "rates")).rejects.toMatchObject({ message, retryable: true });
    vi.stubEnv("LAMBDA_ENDPOINT_URL", server.url);
  });

  test("how long a throttled caller is asked to wait is kept", async () => {
    answer = () => refused(429, "TooManyRequestsException", { "retry-after": "7" });
    await expect(invoke("read")).rejects.toMatchObject({ retryAfterSeconds: 7 });
  });

  test("an answer that is not JSON is not handed on", async () => {
    answer = () => new Response("<html>");
    const outcome = invoke("read");
    await expect(outcome).rejects.toMatchObject({
      message: "Lambda function rates:live answered with something that is not JSON",
      retryable: false,
    });
    // So that a write is not told as failed.
    await expect(outcome).rejects.toBeInstanceOf(UnreadableOutput);
  });

  test("a failure without a message says so", async () => {
    answer = () => new Response("oops", { headers: { "x-amz-function-error": "Unhandled" } });
    await expect(invoke("read")).rejects.toThrow(
      "Lambda function rates:live failed: failed without a message",
    );
  });

  test("the time and the id before Lambda's own messages are left out", async () => {
    const id = "5f7a1c3e-0000-4000-8000-0123456789ab";
    for (const prefix of [
      `2026-01-01T00:00:00.000Z ${id} `,
      `RequestId: ${id} Error: `,
      `RequestId: ${id} `,
    ]) {
      const body = { errorMessage: `${prefix}Runtime exited`, errorType: "Runtime.ExitError" };
      answer = () => Response.json(body, { headers: { "x-amz-function-error": "Unhandled" } });
      await expect(invoke("read")).rejects.toThrow("Lambda function rates:live failed: Runtime exited");
    }
  });
});

test("a call that nobody waits for is given up", async () => {
  answer = () => new Promise(() => {});
  const pending = lambdaInvoker({ name: "rates", lambda: LIVE, effect: "read" })({}, AbortSignal.timeout(50));
  await expect(pending).rejects.toMatchObject({
    message: "Lambda function rates:live was not waited for any longer",
    retryable: false,
  });
});

test("a contract that names no function is an error where it is made a service", () => {
  expect(() => lambdaInvoker({ name: "rates", lambda: undefined, effect: "read" })).toThrow(
    'Tool "rates": expected lambda to name a function',
  );
});
