import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type MarkdownOptions } from "vitepress";

const DOCS = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(DOCS, path), "utf8");

const { description } = JSON.parse(read("../package.json"));
/** Where the repository is, if the site is made on GitHub. */
const { GITHUB_REPOSITORY } = process.env;
const repository = GITHUB_REPOSITORY && `https://github.com/${GITHUB_REPOSITORY}`;

/** The pages, as index.md lists them under its headings. */
function sidebar() {
  const [, ...groups] = read("index.md").split(/^## /m);
  const pages = groups.map((group) => ({
    text: group.slice(0, group.indexOf("\n")),
    items: [...group.matchAll(/^- \[(.+?)\]\(([\w-]+)\.md\)/gm)].map(([, text = "", page]) => ({
      text,
      link: `/${page}`,
    })),
  }));
  const reference = existsSync(join(DOCS, "reference/index.md"))
    ? [{ text: "Reference", link: "/reference/" }]
    : [];
  return [...pages.filter(({ items }) => items.length > 0), ...reference];
}

/**
 * Links to files of the repository lead to GitHub; where that is not known they are plain text. A site has only what is in `docs`.
 */
const config: MarkdownOptions["config"] = (md) => {
  md.core.ruler.push("links to the repository", ({ tokens }) => {
    for (const { children } of tokens) {
      let leaves = false;
      for (const token of children ?? []) {
        const href = token.type === "link_open" ? token.attrGet("href") : null;
        if (href !== null) leaves = href.startsWith("../");
        if (!leaves || !/^link_(open|close)$/.test(token.type)) continue;
        if (repository) token.attrSet("href", `${repository}/blob/main/${href?.replace(/^(\.\.\/)+/, "")}`);
        else Object.assign(token, { type: "text", tag: "", content: "" });
      }
    }
  });
};

export default defineConfig({
  title: "Fanout",
  description,
  cleanUrls: true,
  srcExclude: ["node_modules/**"],
  markdown: { config },
  themeConfig: {
    search: { provider: "local" },
    sidebar: sidebar(),
    outline: [2, 3],
    // Not as an icon: those come from another site.
    ...(repository && { nav: [{ text: "GitHub", link: repository }] }),
  },
  // The esbuild of this Vite does not know the target of the tsconfig.json above.
  vite: { build: { chunkSizeWarningLimit: 2_000 }, esbuild: { tsconfigRaw: "{}" } },
});
