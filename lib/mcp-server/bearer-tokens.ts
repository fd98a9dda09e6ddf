import { bearerKeys } from "../server/index.ts";

/** Whose request it is, and the names of the tools and agents that they may call. */
export interface Access {
  /** Whose calls they are: nobody else gets their results. */
  subject: string;
  /** The only ones that are listed and may be called; `"all"`: everything that the endpoint offers. */
  tools: readonly string[] | "all";
}

/** Says who asks, or nobody (undefined), or an answer of one's own. It is asked for each request. */
export type AuthorizeMcp = (
  request: Request,
) => Access | Response | undefined | Promise<Access | Response | undefined>;

/**
 * Lets in whoever shows one of these tokens as `Authorization: Bearer …`.
 * @throws TypeError for a token of less than 16 characters.
 */
export function bearerTokens(list: readonly (Access & { token: string })[]): AuthorizeMcp {
  const whose = new Map(list.map(({ token, ...access }, index) => [String(index), { token, access }]));
  const known = bearerKeys(Object.fromEntries([...whose].map(([index, { token }]) => [token, index])));
  return async (request) => {
    const index = await known(request);
    return typeof index === "string" ? whose.get(index)?.access : index;
  };
}
