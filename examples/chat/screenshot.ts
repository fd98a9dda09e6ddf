import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openBrowser, serveChat } from "../../test/support/chat.ts";

/** Makes docs/pictures/chat.png on the local platform, whose stand-ins it tells how to behave while it does. */
const state = JSON.parse(readFileSync(new URL("../../.fanout/state.json", import.meta.url), "utf8"));
const behave = (faults: object) =>
  fetch(`${state.sandboxUrl}/_control/faults`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(faults),
  });

await behave({ finnhub: { errorRate: 1 }, frankfurter: { hang: true } });
const chat = await serveChat({});
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 880, height: 620 }, reducedMotion: "reduce" });
  await page.goto(chat.url);
  await page.getByRole("button", { name: "Send" }).click();
  for (const [state, count] of Object.entries({ ok: 2, failed: 1, running: 1 }))
    await page
      .locator(`.calls > .${state}`)
      .nth(count - 1)
      .waitFor();
  await page.screenshot({ path: join(import.meta.dirname, "../../docs/pictures/chat.png") });
  await page.getByRole("button", { name: "Stop" }).click();
} finally {
  await behave({ finnhub: {}, frankfurter: {} });
  await browser.close();
  await chat.stop();
}
