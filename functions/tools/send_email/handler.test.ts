import { createServer, type Socket } from "node:net";
import { type RunningStandIn, runTool, startStandIn } from "fanout/testing";
import { ToolError } from "fanout/tool";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { service } from "./handler.ts";
import type { CaughtMail } from "./stand-in/smtp.ts";
import standIn from "./stand-in.ts";
import tool from "./tool.ts";

let provider: RunningStandIn;
beforeAll(async () => {
  provider = await startStandIn(standIn);
});
afterEach(() => provider.recover());
afterAll(() => provider.stop());

const MAIL = { to: ["ada@example.com"], subject: "Build", text: "It is green." };
let calls = 0;
const nextCall = () => `inv_${++calls}`;

const send = (
  mail: Partial<typeof MAIL> = {},
  options: { url?: string | undefined; key?: string; from?: string; signal?: AbortSignal } = {},
) =>
  runTool(
    service,
    { ...MAIL, ...mail },
    {
      env: { ...provider.env, MAIL_FROM: options.from },
      secrets: { SMTP_URL: options.url },
      signal: options.signal,
      idempotencyKey: options.key ?? nextCall(),
    },
  );
const mailbox = async () => (await (await fetch(`${provider.controlUrl}/mail`)).json()) as CaughtMail[];
const caught = async (messageId: string) => (await mailbox()).find((mail) => mail.messageId === messageId);

/** A mail server that sends these lines, from the greeting on, one for each command; then it repeats the last. */
async function scripted(...lines: string[]) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    const left = [...lines];
    const say = () => socket.write(`${left.length > 1 ? left.shift() : left[0]}\r\n`);
    if (lines.length > 0) say();
    socket.on("data", say);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `smtp://me:hunter2@127.0.0.1:${address.port}`,
    arrived: () => new Promise<void>((resolve) => server.once("connection", () => resolve())),
    left: () => Promise.all([...sockets].map((socket) => new Promise((gone) => socket.once("close", gone)))),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function failure(sending: Promise<unknown>): Promise<ToolError> {
  const error = await sending.then(
    (unexpected) => expect.unreachable(`it answered ${JSON.stringify(unexpected)}`),
    (reason) => reason as ToolError,
  );
  expect(error).toBeInstanceOf(ToolError);
  expect(error.message).not.toMatch(/hunter2|127\.0\.0\.1|secret words/);
  return error;
}

describe("send_email", () => {
  test("hands a message to the mail server unchanged", async () => {
    const mail = {
      to: ["ada@example.com", "bob@example.org"],
      subject: "Grüße – the build: = 100 % ✓, and a subject that is longer than one line of a header may be",
      text: `Line one\n.\n..two, ${"long ".repeat(300)}\n\nÄnderung = ✓\n`,
    };
    const sent = await send(mail);
    expect(tool.output.parse(sent)).toEqual(sent);
    expect(sent).toMatchObject({ accepted: mail.to, rejected: [] });
    expect(await caught(sent.messageId)).toEqual({
      ...mail,
      text: mail.text.replace(/\n$/, ""),
      messageId: sent.messageId,
      from: "fanout@localhost",
      deliveries: 1,
    });
  });

  test("makes the Message-ID from the call, so that a repeated delivery is recognised", async () => {
    const first = await send({}, { key: "inv_same", from: "Robot <robot@mail.example>" });
    const second = await send({}, { key: "inv_same", from: "Robot <robot@mail.example>" });
    expect(first.messageId).toBe("<inv_same@mail.example>");
    expect(second).toEqual(first);
    expect(await caught(first.messageId)).toMatchObject({ from: "robot@mail.example", deliveries: 2 });
    expect(await caught((await send()).messageId)).toMatchObject({ deliveries: 1 });
  });

  test.each([
    ["to", { to: ["ada@example.com\r\nBcc: eve@example.com"] }],
    ["to", { to: ["Ada <ada@example.com>"] }],
    ["to", { to: [] }],
    ["to", { to: Array.from({ length: 21 }, (_, n) => `u${n}@example.com`) }],
    ["subject", { subject: "Build\r\nBcc: eve@example.com" }],
    ["subject", { subject: "Build\n" }],
    ["subject", { subject: "x".repeat(201) }],
    ["text", { text: "x".repeat(50_001) }],
  ])("refuses a wrong %s", (field, mail) => {
    const { error } = tool.input.safeParse({ ...MAIL, ...mail });
    expect(error?.issues.map(({ path }) => path[0])).toEqual([field]);
  });

  test("names both the recipients that were accepted and those that were refused", async () => {
    await using server = await scripted(
      "220 hello",
      "250 hello",
      "250 sender ok",
      "250 recipient ok",
      "550 no such user, secret words",
      "354 go on",
      "250 taken",
    );
    // Without a login, so that each line answers the intended command.
    const sent = await send(
      { to: ["ada@example.com", "bob@example.com"] },
      { url: server.url.replace("me:hunter2@", "") },
    );
    expect(sent).toMatchObject({ accepted: ["ada@example.com"], rejected: ["bob@example.com"] });
  });

  test.each([
    ["the login", ["220 hi", "250-hi\r\n250 AUTH PLAIN", "535 secret words"], 535],
    ["the sender", ["220 hi", "250 hi", "550 secret words"], 550],
    ["every recipient", ["220 hi", "250 hi", "250 ok", "550 secret words"], 550],
    ["the message", ["220 hi", "250 hi", "250 ok", "250 ok", "354 go on", "554 secret words"], 554],
    ["to talk", ["554 secret words"], 554],
  ])("says that the server refused %s, for good", async (what, lines, status) => {
    await using server = await scripted(...lines);
    expect(await failure(send({}, { url: server.url }))).toMatchObject({
      message: `The mail server refused ${what} (status ${status})`,
      retryable: false,
    });
  });

  test.each([
    ["greylisting", ["220 hi", "250 hi", "250 ok", "450 secret words"], 450],
    ["a login that cannot be checked now", ["220 hi", "250-hi\r\n250 AUTH PLAIN", "454 secret words"], 454],
    ["a full disk", ["220 hi", "250 hi", "250 ok", "250 ok", "354 go on", "452 secret words"], 452],
  ])("tries again later after %s", async (_what, lines, status) => {
    await using server = await scripted(...lines);
    expect(await failure(send({}, { url: server.url }))).toMatchObject({
      message: `The mail server is not ready (status ${status}). Try again later.`,
      retryable: true,
    });
  });

  test.each([
    [{ errorRate: 1 }, 451],
    [{ rateLimitRate: 1 }, 421],
  ])("tries again later when the sandbox's server has trouble: %j", async (fault, status) => {
    const before = await mailbox();
    provider.fail(fault);
    expect(await failure(send())).toMatchObject({
      message: `The mail server is not ready (status ${status}). Try again later.`,
      retryable: true,
    });
    expect(await mailbox()).toEqual(before);
  });

  test.each([
    ["smtp://me:hunter2@127.0.0.1:1", "could not be reached"],
    ["smtp://me:hunter2@nowhere.invalid", "could not be (reached|found)"],
  ])("does not reveal the address of an unreachable server: %s", async (url, problem) => {
    const error = await failure(send({}, { url }));
    expect(error.message).toMatch(new RegExp(`^The mail server ${problem}$`));
    expect(error.message).not.toContain("nowhere");
    expect(error.retryable).toBe(true);
  });

  test("asks for a valid address of the mail server, without repeating the wrong one", async () => {
    expect(await failure(send({}, { url: "https://me:hunter2@mail.example" }))).toMatchObject({
      message: "SMTP_URL: expected smtp://… or smtps://…",
      retryable: false,
    });
  });

  test("drops a silent server when nobody waits for the call any more", async () => {
    await using server = await scripted();
    const controller = new AbortController();
    const sending = failure(send({}, { url: server.url, signal: controller.signal }));
    await server.arrived();
    controller.abort();
    expect(await sending).toMatchObject({
      message: "The mail server was not waited for any longer",
      retryable: false,
    });
    await server.left();
  });
});
