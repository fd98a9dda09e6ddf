import { type Admin, request } from "./admin.ts";

/** A cold start on a busy machine is part of a registration. */
const REGISTER_MS = 60_000;

/** What Restate calls to run a service's code: on Lambda, one version of one function. */
export interface Deployment {
  id: string;
  /** The qualified ARN; undefined if it is not on Lambda. */
  arn: string | undefined;
  /** The role with which Restate invokes it. */
  assumeRoleArn: string | undefined;
  /** The names of the services that it serves. */
  services: string[];
}

/** A service in Restate's catalogue. */
export interface RegisteredService {
  name: string;
  /** The deployment that new calls go to. */
  deploymentId: string;
  /** Whether it can be called through the ingress. */
  public: boolean;
}

/**
 * Registers a Lambda function with Restate, which discovers its services by invoking it.
 * Other versions of the function stay registered for the invocations that are pinned to them; new ones go to the version
 * registered last.
 * @param arn qualified with a version. The code of a version never changes, so a known one is not discovered again.
 * @param options `private`: only other services may call it; `assumeRoleArn`: the role to invoke it with, default Restate's own.
 * @throws AdminError with Restate's own explanation, such as the function's error.
 */
export async function registerLambda(
  admin: Admin,
  arn: string,
  options: { private: boolean; assumeRoleArn?: string | undefined },
): Promise<{ deploymentId: string; services: string[] }> {
  const { private: isPrivate, assumeRoleArn } = options;
  const { id, services } = await request<{ id: string; services: { name: string }[] }>(admin, {
    what: `Registering ${arn}`,
    path: "/deployments",
    method: "POST",
    body: { arn, ...(assumeRoleArn && { assume_role_arn: assumeRoleArn }) },
    timeoutMs: REGISTER_MS,
  });
  const names = services.map(({ name }) => name);
  for (const name of names)
    await request(admin, {
      what: `Making ${name} ${isPrivate ? "private" : "public"}`,
      path: `/services/${encodeURIComponent(name)}`,
      method: "PATCH",
      body: { public: !isPrivate },
      timeoutMs: REGISTER_MS,
    });
  return { deploymentId: id, services: names };
}

/** Everything that is registered, whether new calls go there or not. */
export async function readDeployments(admin: Admin): Promise<Deployment[]> {
  const { deployments } = await request<{
    deployments: { id: string; arn?: string; assume_role_arn?: string; services: { name: string }[] }[];
  }>(admin, { what: "Reading the deployments", path: "/deployments" });
  return deployments.map(({ id, arn, assume_role_arn: assumeRoleArn, services }) => ({
    id,
    arn,
    assumeRoleArn,
    services: services.map(({ name }) => name),
  }));
}

/** The services that can be called. */
export async function readServices(admin: Admin): Promise<RegisteredService[]> {
  const { services } = await request<{
    services: { name: string; deployment_id: string; public: boolean }[];
  }>(admin, { what: "Reading the services", path: "/services" });
  return services.map(({ name, deployment_id: deploymentId, public: isPublic }) => ({
    name,
    deploymentId,
    public: isPublic,
  }));
}

/** The JSON Schema of what a handler takes, as its service has it; undefined if it has none. @throws AdminError */
export async function readInputSchema(admin: Admin, service: string, handler: string): Promise<unknown> {
  const { input_json_schema } = await request<{ input_json_schema?: unknown }>(admin, {
    what: `Reading what ${service} takes`,
    path: `/services/${encodeURIComponent(service)}/handlers/${encodeURIComponent(handler)}`,
  });
  return input_json_schema;
}

/** Removes a deployment. Restate does not check whether anything still needs it; the caller has to. */
export async function removeDeployment(admin: Admin, id: string): Promise<void> {
  await request(admin, {
    what: `Removing the deployment ${id}`,
    path: `/deployments/${encodeURIComponent(id)}?force=true`,
    method: "DELETE",
  });
}
