import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Hono } from "hono";
import { serveOnLoopback } from "../../lib/sandbox/index.ts";

/** Where npm gets packages from on this machine. */
export interface Registry {
  url: string;
  /** Makes a version the newest of its package, as `npm publish` would. */
  publish(packed: { name: string; version: string; tarball: string }): void;
  stop(): Promise<void>;
}

/**
 * A stand-in for npm's registry on loopback: it has the packages that were published to it, and sends npm to the machine's own
 * registry for all others.
 * @see https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
 * @param upstream the URL of the machine's registry.
 */
export async function startRegistry(upstream: string): Promise<Registry> {
  const packages = new Map<string, Map<string, { manifest: object; content: Buffer<ArrayBuffer> }>>();
  const app = new Hono()
    .get("/:name/-/:version", (c) => {
      const found = packages.get(c.req.param("name"))?.get(c.req.param("version").replace(/\.tgz$/, ""));
      return found ? c.body(found.content) : redirected(new URL(c.req.url).pathname);
    })
    .get("/:name", (c) => {
      const name = c.req.param("name");
      const versions = packages.get(name);
      if (versions === undefined) return redirected(new URL(c.req.url).pathname);
      const { origin } = new URL(c.req.url);
      const all = [...versions].map(([version, { manifest, content }]) => {
        const integrity = `sha512-${createHash("sha512").update(content).digest("base64")}`;
        return [version, { ...manifest, dist: { tarball: `${origin}/${name}/-/${version}.tgz`, integrity } }];
      });
      return c.json({
        name,
        "dist-tags": { latest: [...versions.keys()].at(-1) },
        versions: Object.fromEntries(all),
      });
    })
    .all("*", (c) => redirected(new URL(c.req.url).pathname));
  const redirected = (path: string) => Response.redirect(new URL(path.slice(1), upstream), 307);
  const { url, stop } = await serveOnLoopback(app);
  return {
    url,
    publish({ name, version, tarball }) {
      const versions = packages.get(name) ?? new Map();
      const manifest = JSON.parse(
        execFileSync("tar", ["-xzOf", tarball, "package/package.json"], { encoding: "utf8" }),
      );
      packages.set(name, versions.set(version, { manifest, content: readFileSync(tarball) }));
    },
    stop,
  };
}
