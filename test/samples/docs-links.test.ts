import { Writable } from "node:stream";
import { remark } from "remark";
import remarkValidateLinks from "remark-validate-links";
import { engine } from "unified-engine";
import { expect, test } from "vitest";
import { MARKDOWN, readText } from "../support/docs.ts";
import { ROOT } from "../support/imports.ts";

/** Whose pages the documentation leads to. Nobody asks them here: a test needs no network. */
const HOSTS: string[] = [];

/** Every complaint about a link to a file, or to a heading of one, that there is not. */
function deadLinks(): Promise<string> {
  let report = "";
  const streamError = new Writable({
    write(chunk, _, done) {
      report += chunk;
      done();
    },
  });
  const settings = { cwd: ROOT, files: MARKDOWN, quiet: true, color: false, streamError };
  const plugins: [typeof remarkValidateLinks, object][] = [[remarkValidateLinks, { repository: false }]];
  return new Promise((resolve, reject) => {
    engine({ processor: remark(), plugins, ...settings }, (error) => (error ? reject(error) : resolve(report)));
  });
}

test("every link to a file or a heading of the project leads somewhere", async () => {
  expect(await deadLinks()).toBe("");
});

/** The addresses in a Markdown file's text, not those in its code. */
function addressesIn(file: string): URL[] {
  const prose = readText(file).replaceAll(/^```[\s\S]*?^```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/https?:[^\s)>"]*/g)].map(([address]) => new URL(address));
}

test("links to other sites are https, and lead to the hosts that are listed here", () => {
  const addresses = MARKDOWN.flatMap(addressesIn);
  expect(addresses.filter(({ protocol }) => protocol !== "https:").map(String)).toEqual([]);
  expect([...new Set(addresses.map(({ hostname }) => hostname))].sort()).toEqual(HOSTS);
});
