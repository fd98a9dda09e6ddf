import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { ROOT } from "./imports.ts";

const FOLDER = join(ROOT, "examples/chat");
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** What is missing for a test in a browser, and what brings it; undefined if nothing is. */
export const missing = !CHROMIUM.some(existsSync)
  ? "there is no Chromium: apt-get install chromium"
  : !existsSync(join(FOLDER, "node_modules"))
    ? "the example is not installed: npm ci --prefix examples/chat"
    : undefined;

/** As `npm start` in its folder does, with its types. @throws Error with what they say. */
export async function buildChat(): Promise<void> {
  await promisify(execFile)("npm", ["run", "build"], { cwd: FOLDER }).catch(({ stdout, stderr }) => {
    throw new Error(`the example does not build: ${stdout}${stderr}`);
  });
}

/** The example's server as a process of its own. */
export interface Chat {
  url: string;
  port: number;
  stop(): Promise<void>;
}

/** @param port 0 is any that is free. */
export async function serveChat(env: Record<string, string>, port = 0): Promise<Chat> {
  const server = spawn(process.execPath, ["server.ts"], {
    cwd: FOLDER,
    env: { PATH: process.env.PATH, PORT: String(port), ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(server, "exit");
  for await (const line of createInterface(server.stdout)) {
    const url = /http:\S+/.exec(line)?.[0];
    if (url === undefined) continue;
    const stop = async () => {
      server.kill("SIGKILL");
      await exit;
    };
    return { url, port: Number(new URL(url).port), stop };
  }
  throw new Error("the example's server has ended");
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM.find(existsSync) ?? "" });

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds wrong on a page: the rule and where. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: AXE });
  // In the page, where the project's own types do not reach.
  const violations = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    "axe.run().then(({ violations }) => violations)",
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
