import { Hono } from "hono";
import * as z from "zod";
import type { Registry } from "../registry.ts";
import { targetUnqualified } from "../target.ts";
import { configuration, listedConfiguration, sortKey } from "./configuration.ts";
import { Paging, page } from "./paging.ts";
import { readFields, readQuery } from "./request.ts";

const Publication = z.object({
  CodeSha256: z.string().optional(),
  Description: z.string().max(256).optional(),
  RevisionId: z.string().optional(),
});

/**
 * ListVersionsByFunction and PublishVersion.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html and its neighbours
 */
export function versionsApi(registry: Registry): Hono {
  const app = new Hono();

  app.get("/2015-03-31/functions/:function/versions", (c) => {
    const { versions } = targetUnqualified(c, registry);
    const { entries, ...next } = page(versions, sortKey, readQuery(c, Paging));
    return c.json({ Versions: entries.map((version) => listedConfiguration(version, true)), ...next });
  });

  app.post("/2015-03-31/functions/:function/versions", async (c) => {
    const { CodeSha256, Description, RevisionId } = await readFields(c, Publication);
    const fn = targetUnqualified(c, registry);
    const version = fn.publish(Description, { codeSha256: CodeSha256, revisionId: RevisionId });
    return c.json(configuration(version, true), 201);
  });

  return app;
}
