import { request } from "node:http";
import { type RunningStandIn, startStandIn } from "fanout/testing";
import { createTransport } from "nodemailer";
import { afterEach, beforeEach, expect, test } from "vitest";
import standIn from "./stand-in.ts";

let provider: RunningStandIn;
beforeEach(async () => {
  provider = await startStandIn(standIn);
});
afterEach(() => provider.stop());

const smtpUrl = () => provider.env.SMTP_URL ?? "";
const deliver = (mail: object) => createTransport(smtpUrl()).sendMail(mail);
const mailbox = async () => (await fetch(`${provider.controlUrl}/mail`)).json();
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
  expect(provider.requests()).toBe(3);
});

test("follows its faults, and drops held mails when the sandbox stops", async () => {
  provider.fail({ errorRate: 1 });
  await expect(deliver(MAIL)).rejects.toMatchObject({ responseCode: 451 });
  provider.fail({ rateLimitRate: 1, latencyMs: 80 });
  const started = performance.now();
  await expect(deliver(MAIL)).rejects.toMatchObject({ responseCode: 421 });
  expect(performance.now() - started).toBeGreaterThan(75);
  expect(await mailbox()).toEqual([]);
  provider.fail({ hang: true });
  const held = deliver(MAIL).catch(({ code }) => code);
  while (provider.requests() < 3) await new Promise(setImmediate);
  await provider.stop();
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
  expect(provider.requests()).toBe(0);
});
