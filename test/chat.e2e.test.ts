import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_BOUNDS } from "../lib/server/bounds.ts";
import { answerTo, asked } from "./support/approvals.ts";
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
import { answer, calls, oneByOne, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });
const guarded = (id: string) => ({ id, name: "guarded", input: { id, amount: 1 } });

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

  test("readers that leave give their places back, so that more than may read at once can come", async () => {
    const open = Promise.withResolvers<void>();
    cluster.gate.use(() => open.promise);
    await cluster.use(replies(calls(gate("good")), answer("Done.")));
    /** Asks the same, which leads to the same run. @returns what has come until then. */
    async function readUntil(end: string): Promise<string> {
      const leaving = new AbortController();
      const response = await fetch(`${chat.url}/api/chat`, {
        method: "POST",
        body: JSON.stringify({ conversation: "one", id: "the same question", text: "Go." }),
        signal: leaving.signal,
      });
      let seen = "";
      for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        seen += piece;
        if (seen.includes(end)) break;
      }
      leaving.abort();
      return seen;
    }
    for (let reader = 0; reader <= DEFAULT_BOUNDS.streamsPerSubject; reader++)
      expect(await readUntil("tool-input-available")).toContain("tool-input-available");
    open.resolve();
    expect(await readUntil("[DONE]")).toContain("Done.");
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
    async function ask(question = "Go."): Promise<void> {
      await page.getByLabel("Question").fill(question);
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

    test("a question knows what was said before, and the page that is reloaded shows all of it", async () => {
      open.resolve();
      await cluster.use(
        oneByOne(calls(gate("good"), gate("bad")), answer("One of both."), answer("The good one.")),
      );
      await ask();
      await answered();
      await ask("Which one?");
      await page.getByText("The good one.").waitFor();
      const told = cluster.modelRequests.at(-1)?.messages.flatMap(({ role, content }) =>
        // The calls themselves have none.
        content === null ? [] : [[role, content]],
      );
      expect(told).toMatchObject([
        ["system", expect.anything()],
        ["user", "Go."],
        ["tool", expect.stringContaining("good")],
        ["tool", expect.stringContaining("No such thing.")],
        ["assistant", "One of both."],
        ["user", "Which one?"],
      ]);
      await page.reload();
      await page.getByText("The good one.").waitFor();
      await answered();
      expect(await states()).toEqual(["ok", "failed"]);
      expect(await page.locator("ol > li").count()).toBe(4);
      expect(cluster.modelRequests).toHaveLength(3);
    });

    test("the second question's run is rejoined below the first answer", async () => {
      open.resolve();
      await cluster.use(oneByOne(answer("One of both."), calls(gate("good")), answer("The good one.")));
      await ask();
      await answered();
      cluster.gate.use(closed);
      await ask("Which one?");
      await expect.poll(states).toEqual(["running"]);
      await page.reload();
      await expect.poll(states).toEqual(["running"]);
      await answered();
      cluster.gate.open();
      await page.getByText("The good one.").waitFor();
      expect(await page.locator("ol > li").count()).toBe(4);
    });

    test("a new chat knows nothing of the one before, to which its address leads back", async () => {
      open.resolve();
      await cluster.use(oneByOne(answer("One of both."), answer("What?")));
      await ask();
      await answered();
      const address = page.url();
      await page.getByRole("button", { name: "New chat" }).click();
      await expect.poll(() => page.locator("ol > li").count()).toBe(0);
      await ask("Which one?");
      await page.getByText("What?").waitFor();
      expect(cluster.modelRequests.at(-1)?.messages.map(({ role }) => role)).toEqual(["system", "user"]);
      await page.goto(address);
      await answered();
      expect(await page.locator("ol > li").count()).toBe(2);
    });

    test.each(["before it knew its run", "before its question got anywhere"])(
      "a page that was left %s finds it, and starts no other",
      async (when) => {
        await page.route("**/api/chat", async (route) => {
          const body = route.request().postData() ?? "";
          const leaving = new AbortController();
          if (when.endsWith("run"))
            await fetch(`${chat.url}/api/chat`, { method: "POST", body, signal: leaving.signal });
          leaving.abort();
          await route.abort();
        });
        await ask();
        await page.getByRole("button", { name: "Try again" }).waitFor();
        await page.unroute("**/api/chat");
        await page.reload();
        await expect.poll(states).toEqual(["running", "failed"]);
        open.resolve();
        await answered();
        expect(await page.locator("ol > li").count()).toBe(2);
        await page.reload();
        await answered();
        expect(await page.locator("ol > li").count()).toBe(2);
        expect(cluster.modelRequests).toHaveLength(2);
      },
    );

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

    const approve = (card: Locator) => card.getByRole("button", { name: "Approve" }).click();

    test("calls that wait are approved in any order, beside one that runs, also after a reload", async () => {
      await cluster.use(replies(calls(guarded("a"), guarded("b"), gate("c")), answer("One of both.")));
      await ask();
      await expect.poll(states).toEqual(["waiting", "waiting", "running"]);
      await approve(cards().nth(1));
      await expect.poll(states).toEqual(["waiting", "running", "running"]);
      await page.reload();
      await expect.poll(states).toEqual(["waiting", "running", "running"]);
      await expect.poll(() => cluster.gate.history.toSorted()).toEqual(["arrived b", "arrived c"]);
      await approve(cards().nth(0));
      await expect.poll(states).toEqual(["running", "running", "running"]);
      open.resolve();
      await answered();
      expect(await states()).toEqual(["ok", "ok", "ok"]);
      expect(await cards().nth(0).textContent()).toContain("approved by you");
      expect(await page.getByRole("button", { name: "Approve" }).count()).toBe(0);
    });

    test("one call is denied with a reason, another one made with a changed input, once it fits", async () => {
      open.resolve();
      await cluster.use(replies(calls(guarded("a"), guarded("b")), answer("One of both.")));
      await ask();
      await expect.poll(states).toEqual(["waiting", "waiting"]);
      const [first, second] = [cards().nth(0), cards().nth(1)];
      await first.getByLabel("Reason").fill("Too much.");
      await first.getByLabel("Reason").press("Enter");
      expect(await states()).toEqual(["waiting", "waiting"]);
      await first.getByRole("button", { name: "Deny" }).click();
      await expect.poll(states).toEqual(["denied", "waiting"]);
      expect(await first.textContent()).toContain("denied by youToo much.");
      for (const [input, problem] of [
        ["5", "input: expected record, got 5"],
        ["{", "The input is not JSON."],
        ['{ "id": "b", "amount": "much" }', 'input: amount: expected number, got "much"'],
      ] as const) {
        await second.getByLabel("Input").fill(input);
        await approve(second);
        await second.getByText(problem).waitFor();
      }
      await second.getByLabel("Input").fill('{ "id": "b", "amount": 5 }');
      await approve(second);
      await answered();
      expect(await states()).toEqual(["denied", "ok"]);
      expect(await second.textContent()).toContain('id="b" amount=5approved by you, with another input');
      expect(JSON.stringify(cluster.modelRequests.at(-1))).toContain("denied by you: Too much.");
    });

    test("a part of a composite waits beside it, and what somebody else answers is shown", async () => {
      open.resolve();
      const whole = { id: "whole", name: "composite", input: { ids: [], guarded: ["p"] } };
      await cluster.use(replies(calls(whole, guarded("a")), answer("One of both.")));
      await ask();
      await expect.poll(states).toEqual(["running", "waiting", "waiting"]);
      const part = page.getByRole("listitem").filter({ hasText: "composite › guarded" });
      await approve(part.last());
      await part.last().getByText("approved by you").waitFor();
      const { running } = await page.evaluate<{ running: string }>(
        "fetch('/api/chat/' + location.hash.slice(1)).then((response) => response.json())",
      );
      const run = running.split(".")[0] ?? "";
      const question = (await asked(cluster, run, 1)).get("a");
      await answerTo(cluster, run, { approval: question?.id, approve: true, by: "ann" });
      await answered();
      expect((await states()).toSorted()).toEqual(["ok", "ok", "ok"]);
      await page.getByText("approved by ann").waitFor();
    });

    test("nobody is asked any more when the run was stopped", async () => {
      await cluster.use(replies(calls(guarded("a")), answer("Never.")));
      await ask();
      await expect.poll(states).toEqual(["waiting"]);
      await page.getByRole("button", { name: "Stop" }).click();
      await page.getByText("Stopped.").waitFor();
      expect(await states()).toEqual(["denied"]);
      expect(await cards().nth(0).textContent()).toContain("It was cancelled.");
      expect(cluster.gate.history).toEqual([]);
    });

    test.each(
      (["light", "dark"] as const).flatMap((scheme) => [1000, 375].map((width) => [scheme, width] as const)),
    )(
      "%s, %i px: axe finds nothing while questions are open, and when they are answered",
      async (colorScheme, width) => {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.setViewportSize({ width, height: 700 });
        await cluster.use(replies(calls(guarded("a"), guarded("b")), answer("One of both.")));
        await ask();
        await expect.poll(states).toEqual(["waiting", "waiting"]);
        expect(await accessibilityProblems(page)).toEqual([]);
        expect(
          await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth"),
        ).toBeLessThanOrEqual(0);
        await cards().nth(0).getByRole("button", { name: "Deny" }).click();
        await cards().nth(1).getByLabel("Input").fill("{");
        await approve(cards().nth(1));
        await page.getByRole("alert").waitFor();
        await expect.poll(states).toEqual(["denied", "waiting"]);
        expect(await accessibilityProblems(page)).toEqual([]);
      },
    );
  });
});
