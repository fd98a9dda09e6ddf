import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import GithubSlugger from "github-slugger";
import { lexer, walkTokens } from "marked";
import { expect, test } from "vitest";
import { MARKDOWN, readText } from "../support/docs.ts";
import { ROOT } from "../support/imports.ts";

/** Whose pages the documentation leads to. Nobody asks them here: a test needs no network. */
const HOSTS = [
  "agentkit.inngest.com",
  "ai-sdk.dev",
  "aws.github.io",
  "cloud.restate.dev",
  "docs.ag-ui.com",
  "docs.aws.amazon.com",
  "docs.dbos.dev",
  "docs.langchain.com",
  "docs.restate.dev",
  "docs.temporal.io",
  "github.com",
  "hono.dev",
  "modelcontextprotocol.io",
  "opentelemetry.io",
  "reference.langchain.com",
  "restate.dev",
  "semver.org",
  "vercel.com",
  "vitest.dev",
  "www.inngest.com",
];

interface Page {
  /** Where its links and pictures lead, as it says. */
  links: string[];
  /** The ids of its headings, as GitHub makes them. */
  anchors: string[];
}

const pages = new Map(MARKDOWN.map((file) => [file, read(file)]));

function read(file: string): Page {
  const page: Page = { links: [], anchors: [] };
  const slugger = new GithubSlugger();
  walkTokens(lexer(readText(file)), (token) => {
    if (token.type === "link" || token.type === "image") page.links.push(token.href);
    if (token.type === "heading") page.anchors.push(slugger.slug(token.text));
  });
  return page;
}

const isElsewhere = (link: string) => /^[a-z]+:/.test(link);

/** What is wrong with a link of a page, or undefined. */
function problemOf(file: string, link: string): string | undefined {
  const [path = "", anchor] = decodeURI(link).split("#");
  const target = path === "" ? file : join(dirname(file), path);
  if (!existsSync(join(ROOT, target))) return `${file}: there is no file ${target}`;
  if (anchor === undefined || pages.get(target)?.anchors.includes(anchor)) return undefined;
  return `${file}: ${target} has no heading #${anchor}. Headings: ${pages.get(target)?.anchors.join(", ")}`;
}

test("every link to a file or a heading of the project leads somewhere", () => {
  const links = [...pages].flatMap(([file, page]) => page.links.map((link) => ({ file, link })));
  expect(links.length).toBeGreaterThan(100);
  const dead = links
    .filter(({ link }) => !isElsewhere(link))
    .flatMap(({ file, link }) => problemOf(file, link) ?? []);
  expect(dead).toEqual([]);
});

test("links to other sites are https, and lead to the hosts that are listed here", () => {
  const addresses = [...pages.values()].flatMap(({ links }) => links.filter(isElsewhere));
  expect(addresses.filter((address) => !URL.canParse(address) || !address.startsWith("https://"))).toEqual(
    [],
  );
  expect(addresses.filter((address) => !HOSTS.includes(new URL(address).hostname))).toEqual([]);
});

test("every page of docs is in the list of pages, from which the site's menu is made", () => {
  const listed = pages.get("docs/index.md")?.links.filter((link) => !isElsewhere(link));
  const there = MARKDOWN.filter((file) => /^docs\/(?!index)/.test(file)).map((file) =>
    file.slice("docs/".length),
  );
  expect(there.filter((page) => !listed?.includes(page))).toEqual([]);
});
