import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** A link of Markdown to a file, as `[text](../path#part)`; not to a picture. */
const LINK = /(?<!!)\[([^\]]+)\]\((?!https?:|#)([^)\s#]+)(#[^)\s]*)?\)/g;

/**
 * A page in which links to files that the package lacks lead to GitHub, or are plain text where it is not known.
 * @param file the page's path in the package.
 * @param folder the package's folder, with all of its files.
 * @param repository `owner/name` on GitHub.
 */
export function withLinks(
  text: string,
  file: string,
  { folder, repository }: { folder: string; repository: string | undefined },
): string {
  return text.replace(LINK, (link, label: string, path: string, part = "") => {
    const target = join(dirname(file), path);
    if (existsSync(join(folder, target))) return link;
    return repository
      ? `[${label}](https://github.com/${repository}/blob/main/${relative(".", target)}${part})`
      : label;
  });
}
