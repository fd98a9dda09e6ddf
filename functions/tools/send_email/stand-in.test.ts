import { request } from "node:http";
import { type Sandbox, startSandbox } from "fanout/sandbox";
import { createTransport } from "nodemailer";
import { afterEach, beforeEach, expect, test } from "vitest";
import standIn from "./stand-in.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  const faults = { smtp: { latencyMs: 0 } };
  sandbox = await startSandbox({ standIns: { send_email: standIn }, models: false, faults });
});
afterEach(() => sandbox.stop());

const smtpUrl = () => sandbox.environment.upstreams.SMTP_URL ?? "";
const deliver = (mail: object) => createTransport(smtpUrl()).sendMail(mail);
const mailbox = async () => (await fetch(`${sandbox.url}/_control/mail`)).json();
const MAIL = { from: "a@example.com", to: ["b@example.com"], subject: "Grüße", text: "ü = ü\n\n.end" };

test("accepts mail with any login, delivers none and shows it, counted by Message-ID", async () => {
  await deliver({ ...MAIL, messageId: "<1@example.com>" });
  await deliver({ ...MAIL, messageId: "<2@example.com>", bcc: "c@example.com", textEncoding: "base64" });
  await deliver({ ...MAIL, messageId: "<1@example.com>", textEncoding: "quoted-printable" });
  const once = {
    ...MAIL,
    messageId: "<2@example.com>",
    to: ["b@example.com", "c@example.com"],
    deliveries: 1,
  };
  expect(await mailbox()).toEqual([{ ...MAIL, messageId: "<1@example.com>", deliveries: 2 }, once]);
  expect(sandbox.requests().smtp).toBe(3);
});

test("follows its faults, and drops held mails when the sandbox stops", async () => {
  sandbox.faults.set("smtp", { errorRate: 1, latencyMs: 0 });
  await expect(deliver(MAIL)).rejects.toMatchObject({ responseCode: 451 });
  sandbox.faults.set("smtp", { rateLimitRate: 1, latencyMs: 80 });
  const started = performance.now();
  await expect(deliver(MAIL)).rejects.toMatchObject({ responseCode: 421 });
  expect(performance.now() - started).toBeGreaterThan(75);
  expect(await mailbox()).toEqual([]);
  sandbox.faults.set("smtp", { hang: true });
  const held = deliver(MAIL).catch(({ code }) => code);
  while (Number(sandbox.requests().smtp) < 3) await new Promise(setImmediate);
  await sandbox.stop();
  expect(await held).toBe("ECONNECTION");
});

test("no web page reaches it: it speaks no HTTP", async () => {
  const sent = new Promise((resolve, reject) => {
    const asked = request(smtpUrl().replace("smtp:", "http:"), {
      method: "POST",
      headers: { "content-type": "text/plain" },
      agent: false,
    });
    asked.on("response", resolve).on("error", reject).end("MAIL FROM:<a@b>");
  });
  await expect(sent).rejects.toThrow();
  expect(sandbox.requests().smtp).toBe(0);
});
