import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the kit's own package.json says. */
export interface Kit {
  name: string;
  version: string;
  /** The packages that a project has to have beside it. */
  peers: Readonly<Record<string, { range: string; optional: boolean }>>;
}

/** The repository's package.json names no peers, since it has everything itself. */
export function readKit(): Kit {
  const file = join(import.meta.dirname, "../../package.json");
  const {
    name: kitName,
    version,
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = JSON.parse(readFileSync(file, "utf8"));
  const peers = Object.entries<string>(peerDependencies).map(([name, range]) => {
    return [name, { range, optional: peerDependenciesMeta[name]?.optional === true }];
  });
  return { name: kitName, version, peers: Object.fromEntries(peers) };
}
