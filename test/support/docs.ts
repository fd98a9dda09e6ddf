import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./imports.ts";

/** Every Markdown file of the project, from its folder: the pages of `docs`, and the READMEs beside the code. */
export const MARKDOWN = globSync(
  ["*.md", "docs/*.md", "functions/*.md", "lib/*/*.md", "{bench,examples}/*/*.md"],
  { cwd: ROOT },
).sort();

/** The text of a file of the project. */
export const readText = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** The fenced snippets of a language in a Markdown file, without their fences. */
export const snippetsIn = (file: string, language: string): string[] =>
  [...readText(file).matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, code = ""]) => code,
  );
