import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type LambdaHost, type Spec, startLambdaHost } from "../lib/lambda-host/index.ts";
import { type RestateServer, startRestateServer } from "../lib/local/index.ts";
import { registerLambda } from "../lib/restate/index.ts";
import { writeLambdaAdapter } from "../lib/stack/entries.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../lib/stack/index.ts";
import { lambdaInvoker } from "../lib/tool/invoke-lambda.ts";
import { type Gate, startGate } from "./support/gate.ts";

// The adapters' real bundles and a person's own functions in the Lambda host, whose Invoke API stands in for AWS's.
const SOURCE = join(import.meta.dirname, "support/existing-lambdas");
const TOOLS = ["theirs", "narrow", "hurried", "written", "missing"];

// A call of an existing function is a call of a tool: what the server does in other modes is tested with those.
describe("an existing function", () => {
  const directory = mkdtempSync(join(tmpdir(), "fanout-existing-lambda-"));
  let gate: Gate;
  let lambda: LambdaHost;
  let restate: RestateServer;
  beforeAll(async () => {
    gate = await startGate();
    const adapter = (name: string) =>
      writeLambdaAdapter(name, join(SOURCE, `${name}.ts`), join(directory, "adapters"));
    bundleFunctions(Object.fromEntries(TOOLS.map((name) => [name, adapter(name)])), directory);
    cpSync(join(SOURCE, "index.mjs"), join(directory, "their-function/index.mjs"));
    const port = await getPort();
    const common = { handler: BUNDLE_HANDLER, memoryMb: 512 };
    const theirs = (name: string, more: Partial<Spec> = {}): Spec => ({
      ...common,
      name,
      codeDir: join(directory, "their-function"),
      timeoutSeconds: 3,
      environment: { GATE_URL: `${gate.url}/theirs` },
      ...more,
    });
    lambda = await startLambdaHost({
      port,
      functions: [
        ...TOOLS.map((name) => ({
          ...common,
          name,
          codeDir: join(directory, name),
          timeoutSeconds: 60,
          environment: { LAMBDA_ENDPOINT_URL: `http://127.0.0.1:${port}` },
        })),
        theirs("their-function"),
        theirs("their-narrow-function", { reservedConcurrency: 1, timeoutSeconds: 20 }),
      ],
    });
    const ports = { ingress: await getPort(), admin: await getPort(), node: await getPort() };
    const dataDir = join(directory, "restate");
    restate = await startRestateServer({ dataDir, lambdaUrl: lambda.url, ports });
    // Public, so that the test can call them as an agent does.
    for (const name of TOOLS)
      await registerLambda({ url: restate.adminUrl }, lambda.arn(name), { private: false });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await restate?.stop();
    await Promise.all([lambda?.stop(), gate?.stop()]);
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => fetch(`${lambda.url}/_stats/reset`, { method: "POST" }));

  async function call(tool: string, input: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${restate.ingressUrl}/restate/call/${tool}/run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(input),
    });
    return { status: response.status, body: await response.json() };
  }
  const failure = (message: unknown) => ({ status: 422, body: expect.objectContaining({ message }) });
  const stats = (name: string) => lambda.stats().functions[name];
  const invocations = (name: string) => stats(name)?.invocations;

  test("a read costs one invocation of its adapter, and one of the person's function", async () => {
    const { status, body } = await call("theirs", {});
    // That it took one try and was not cut goes without saying.
    const times = { startedAt: expect.any(String), durationMs: expect.any(Number) };
    expect({ status, body }).toEqual({ status: 200, body: { output: { answer: "theirs" }, ...times } });
    expect([invocations("theirs"), invocations("their-function")]).toEqual([1, 1]);
  });

  test("an error of the function is tried again, then told in one line without an ARN", async () => {
    expect(await call("theirs", { action: "throw" })).toEqual(
      failure("Lambda function their-function failed: no such city, says [arn]"),
    );
    expect([invocations("theirs"), invocations("their-function")]).toEqual([1, 2]);
  });

  test("an error of a function that writes is not tried again", async () => {
    expect(await call("written", { action: "throw" })).toEqual(
      failure(expect.stringContaining("no such city")),
    );
    expect([invocations("written"), invocations("their-function")]).toEqual([2, 1]);
  });

  test.each([
    ["drift", /could not be read: written made a result that breaks its contract: answer: /],
    ["overflow", /could not be read: Lambda function their-function answered with more than Lambda returns/],
  ])("a write that answers with %s took effect, and is told so", async (action, told) => {
    const { status, body } = await call("written", { action });
    expect(status).toBe(200);
    expect(body).toMatchObject({ output: { "[unreadable]": expect.stringMatching(told) }, truncated: true });
    expect(invocations("their-function")).toBe(1);
  });

  test("a function that ends without an answer fails in Lambda's words, without its ids", async () => {
    const { status, body } = await call("theirs", { action: "exit" });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      message: expect.stringMatching(/^Lambda function their-function failed: (?!RequestId)\S/),
    });
  });

  test("throttled calls are tried again until they have their turn", async () => {
    const throttles = () => stats("their-narrow-function")?.throttles;
    const seen = () => expect.poll(throttles, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
    gate.use(async () => {
      await seen();
      return "after others";
    });
    const answers = await Promise.all([1, 2, 3].map(() => call("narrow", { action: "ask" })));
    for (const { status, body } of answers) {
      expect({ status, body }).toMatchObject({ status: 200, body: { output: { answer: "after others" } } });
    }
    expect(invocations("narrow")).toBe(3);
    expect(stats("their-narrow-function")).toMatchObject({ invocations: 3, maxConcurrent: 1 });
  });

  test("a function that does not exist is named, and not tried again", async () => {
    expect(await call("missing", {})).toEqual(
      failure("Lambda function their-missing-function does not exist"),
    );
    expect(invocations("missing")).toBe(1);
  });

  test("an answer that breaks the contract names the field", async () => {
    expect(await call("theirs", { action: "drift" })).toEqual(
      failure(expect.stringMatching(/^theirs made a result that breaks its contract: answer: .*got 42$/)),
    );
    expect(invocations("their-function")).toBe(1);
  });

  test("a function that takes longer than its own timeout fails in Lambda's words", async () => {
    expect(await call("theirs", { action: "hang" })).toEqual(
      failure("Lambda function their-function failed: Task timed out after 3.00 seconds"),
    );
  });

  test("a function that takes longer than the contract's timeout is not waited for", async () => {
    const before = performance.now();
    expect(await call("hurried", { action: "hang" })).toEqual(
      failure("Lambda function their-function was not waited for any longer"),
    );
    expect(performance.now() - before).toBeLessThan(3000);
    expect(invocations("their-function")).toBe(1);
  });

  test("an input that is larger than Lambda takes is told as such", async () => {
    vi.stubEnv("LAMBDA_ENDPOINT_URL", lambda.url);
    vi.stubEnv("AWS_REGION", "us-east-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
    // Through the adapter, a call of this size would not get as far as this.
    const invoke = lambdaInvoker({ name: "theirs", lambda: "their-function", effect: "read" });
    await expect(invoke("x".repeat(7_000_000), AbortSignal.timeout(20_000))).rejects.toMatchObject({
      message: "Lambda function their-function takes 6 MB at most, and the input is larger",
      retryable: false,
    });
  });

  test("an answer that is larger than Lambda returns is told as such", async () => {
    expect(await call("theirs", { action: "overflow" })).toEqual(
      failure(
        expect.stringMatching(
          /^Lambda function their-function answered with more than Lambda returns: Response payload size/,
        ),
      ),
    );
  });
});
