import type { ProviderConfig } from "./providers.ts";
import { ModelError } from "./seam.ts";

/**
 * The value of a provider's key, without the line end that a pasted secret often carries.
 * @throws ModelError when it has none.
 */
export async function readKey(name: string, config: ProviderConfig): Promise<string> {
  const key = (await config.secret(name))?.trim();
  if (!key) throw new ModelError(`The secret ${name} has no value`, { retryable: false });
  return key;
}
