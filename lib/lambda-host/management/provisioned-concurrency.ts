import { type Context, Hono } from "hono";
import * as z from "zod";
import { functionArn } from "../arn.ts";
import { LambdaError } from "../lambda-error.ts";
import type { ProvisionedStatus } from "../provisioned-environments.ts";
import type { Registry } from "../registry.ts";
import { findVersion, targetFunction, targetUnqualified } from "../target.ts";
import { LATEST, type Version } from "../version.ts";
import { sortKey } from "./configuration.ts";
import { Paging, page } from "./paging.ts";
import { readFields, readQuery } from "./request.ts";

const Request = z.object({ ProvisionedConcurrentExecutions: z.int().min(1) });
const PATH = "/2019-09-30/functions/:function/provisioned-concurrency";

/**
 * PutProvisionedConcurrencyConfig, GetProvisionedConcurrencyConfig, ListProvisionedConcurrencyConfigs and
 * DeleteProvisionedConcurrencyConfig, for published versions.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html and its neighbours
 */
export function provisionedConcurrencyApi(registry: Registry): Hono {
  const app = new Hono();

  app.put(PATH, async (c) => {
    const { ProvisionedConcurrentExecutions } = await readFields(c, Request);
    const version = publishedVersion(c, registry);
    if (version.pool.provisioned?.status === "IN_PROGRESS")
      throw new LambdaError(
        "ResourceConflictException",
        `The provisioned concurrency of version ${version.version} of function ${version.spec.name} is still being set.`,
      );
    registry.provision(version, ProvisionedConcurrentExecutions);
    return c.json(config(existing(version)), 202);
  });

  app.get(PATH, (c) => {
    if (c.req.query("List") === undefined) return c.json(config(existing(publishedVersion(c, registry))));
    const { versions } = targetUnqualified(c, registry);
    const provisioned = versions.filter(({ pool }) => pool.provisioned);
    const { entries, ...next } = page(provisioned, sortKey, readQuery(c, Paging));
    return c.json({ ProvisionedConcurrencyConfigs: entries.map(listed), ...next });
  });

  app.delete(PATH, (c) => {
    const version = publishedVersion(c, registry);
    if (version.pool.provisioned) registry.provision(version, 0);
    return c.body(null, 204);
  });

  return app;
}

function publishedVersion(c: Context, registry: Registry): Version {
  const target = targetFunction(c, registry);
  if (target.qualifier !== undefined && target.qualifier !== LATEST) return findVersion(target);
  throw new LambdaError(
    "InvalidParameterValueException",
    `Qualifier should be the number of a published version; got ${target.qualifier ?? "none"}.`,
  );
}

function existing({ spec, version, pool }: Version): ProvisionedStatus {
  if (pool.provisioned) return pool.provisioned;
  throw new LambdaError(
    "ProvisionedConcurrencyConfigNotFoundException",
    `Version ${version} of function ${spec.name} has no provisioned concurrency.`,
  );
}

function listed(version: Version) {
  const { spec, version: number } = version;
  return { FunctionArn: functionArn(spec.name, number), ...config(existing(version)) };
}

function config({ requested, allocated, status, lastModified }: ProvisionedStatus) {
  return {
    RequestedProvisionedConcurrentExecutions: requested,
    AvailableProvisionedConcurrentExecutions: allocated,
    AllocatedProvisionedConcurrentExecutions: allocated,
    Status: status,
    ...(status === "FAILED" && { StatusReason: "FUNCTION_ERROR_INIT_FAILURE" }),
    LastModified: lastModified.toISOString().replace(/\.\d+Z$/, "+0000"),
  };
}
