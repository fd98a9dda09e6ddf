import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  accessibilityProblems,
  buildChat,
  type Chat,
  missing,
  openBrowser,
  serveChat,
} from "./support/chat.ts";
import type { Cluster } from "./support/cluster.ts";
import { closed, Refusal } from "./support/gate.ts";
import { post, send } from "./support/raw-request.ts";
import { answer, calls, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });

describe.skipIf(missing)(`the example of a chat${missing ? `, but ${missing}` : ""}`, () => {
  let cluster: Cluster;
  let chat: Chat;
  let browser: Browser;
  const serve = (port?: number) =>
    serveChat(
      {
        RESTATE_INGRESS_URL: cluster.restate.ingressUrl,
        RESTATE_ADMIN_URL: cluster.restate.adminUrl,
        AGENT: "TestAgent",
      },
      port,
    );

  beforeAll(async () => {
    [cluster, browser] = await Promise.all([
      startWarmCluster("v7", { settings: (ingressUrl) => ({ RESTATE_INGRESS_URL: ingressUrl }) }),
      openBrowser(),
      buildChat(),
    ]);
    chat = await serve();
  });
  afterAll(async () => {
    await browser?.close();
    await chat?.stop();
    await cluster?.stop();
  });
  test.each([
    ["page", { origin: "https://example.com" }],
    ["name", { host: "example.com" }],
  ] as [string, Record<string, string>][])("a foreign %s is refused", async (_, headers) => {
    expect(await send(`${chat.url}/api/chat`, post(headers, "{}"))).toMatchObject({ status: 403 });
  });

  test("a run that nobody knows is nothing to rejoin", async () => {
    const response = await fetch(`${chat.url}/api/chat/inv_1nobodyknowsit/stream`);
    expect(response.status).toBe(204);
  });

  describe("in a browser", () => {
    let page: Page;
    let open: PromiseWithResolvers<void>;
    beforeEach(async () => {
      open = Promise.withResolvers();
      cluster.gate.use((id) => {
        if (id === "bad") throw new Refusal("No such thing.");
        return open.promise;
      });
      await cluster.use(replies(calls(gate("good"), gate("bad")), answer("One of both.")));
      page = await (await browser.newContext({ viewport: { width: 1000, height: 700 } })).newPage();
      await page.goto(chat.url);
    });
    afterEach(() => page.context().close());

    const cards = (): Locator => page.locator(".calls > li");
    const states = () => cards().evaluateAll((all) => all.map(({ className }) => className));
    async function ask(): Promise<void> {
      await page.getByLabel("Question").fill("Go.");
      await page.getByRole("button", { name: "Send" }).click();
    }
    const answered = () => page.getByText("One of both.").waitFor();

    test("calls run side by side, one fails, and the page that is reloaded in the middle goes on", async () => {
      await ask();
      await expect.poll(states).toEqual(["running", "failed"]);
      const [left, right] = await Promise.all([0, 1].map((index) => cards().nth(index).boundingBox()));
      expect(right?.y).toBe(left?.y);
      expect(right?.x).toBeGreaterThan(left?.x ?? 0);
      await page.reload();
      await expect.poll(states).toEqual(["running", "failed"]);
      open.resolve();
      await answered();
      expect(await states()).toEqual(["ok", "failed"]);
      expect(await cards().nth(0).textContent()).toContain('"id": "good"');
      expect(await cards().nth(1).textContent()).toContain("No such thing.");
      expect(cluster.modelRequests).toHaveLength(2);
      await page.reload();
      await answered();
      expect(await page.locator("ol > li").count()).toBe(2);
    });

    test("a page that was left before it knew its run finds it, and starts no other", async () => {
      open.resolve();
      await ask();
      await answered();
      await page.evaluate(
        "localStorage.setItem('fanout-chat', JSON.stringify(JSON.parse(localStorage['fanout-chat']).slice(0, 1)))",
      );
      await page.reload();
      await answered();
      expect(cluster.modelRequests).toHaveLength(2);
    });

    test("when the server dies, the run goes on, and the page rejoins it", async () => {
      await ask();
      await expect.poll(states).toEqual(["running", "failed"]);
      const { port } = chat;
      await chat.stop();
      const rejoin = page.getByRole("button", { name: "Rejoin" });
      await rejoin.waitFor();
      open.resolve();
      chat = await serve(port);
      await rejoin.click();
      await answered();
      expect(await states()).toEqual(["ok", "failed"]);
      expect(cluster.modelRequests).toHaveLength(2);
    });

    test("Stop cancels the run", async () => {
      cluster.gate.use(closed);
      await ask();
      await expect.poll(states).toEqual(["running", "running"]);
      await page.getByRole("button", { name: "Stop" }).click();
      await page.getByText("Stopped.").waitFor();
      expect(await states()).toEqual(["failed", "failed"]);
      await page.getByRole("button", { name: "Send" }).waitFor();
    });

    test.each([
      ["light, wide", "light", 1000],
      ["dark, narrow", "dark", 375],
    ] as const)("%s: axe finds nothing, and nothing sticks out", async (_, colorScheme, width) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 700 });
      const sticksOut = () => page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      expect(await accessibilityProblems(page)).toEqual([]);
      await ask();
      await expect.poll(states).toEqual(["running", "failed"]);
      expect(await accessibilityProblems(page)).toEqual([]);
      open.resolve();
      await answered();
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(await sticksOut()).toBeLessThanOrEqual(0);
      const ground = await page.evaluate<string>(
        "getComputedStyle(document.documentElement).backgroundColor",
      );
      expect(ground === "rgb(250, 250, 250)").toBe(colorScheme === "light");
    });
  });
});
