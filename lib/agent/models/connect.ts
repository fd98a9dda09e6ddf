import { readSecret, readSetting } from "../../runtime/index.ts";
import type { Connection, ProviderConfig } from "./provider.ts";
import { parseModelName } from "./providers.ts";
import type { Model } from "./seam.ts";
import type { SdkReply } from "./usage.ts";

/**
 * The model called `name` as an AI SDK language model, with bounded replies.
 * @param onText gets what the model writes, as it comes. Default: its replies come whole.
 * @param read where the provider's settings and secrets come from. Default: the function's own.
 * @throws ModelError when a setting or a key is not usable.
 */
export async function connect(
  name: string,
  read?: ProviderConfig,
  onText?: (text: string) => void,
): Promise<Connection> {
  const { provider, modelId } = parseModelName(name);
  const own = {
    setting: (setting: string) => readSetting(setting, provider.env[setting] ?? ""),
    secret: readSecret,
  };
  const connection = await provider.connect(modelId, read ?? own);
  const { withBounds } = await import("./bounded-model.ts");
  const { languageModel } = connection;
  if (!onText) return { ...connection, languageModel: withBounds(languageModel) };
  const { streamed } = await import("./streamed.ts");
  return { ...connection, languageModel: withBounds(streamed(languageModel, onText)) };
}

/** Who hears of a request while it is made. */
export interface Listeners {
  /** Gets what the model writes, as it comes. Default: its replies come whole. */
  onText?: ((text: string) => void) | undefined;
  /** Gets what the provider does not do as it was asked to. */
  onWarnings?: ((warnings: SdkReply["warnings"]) => void) | undefined;
}

/** The same model as our own loop asks it. @throws ModelError as `connect` does. */
export async function loadModel(
  name: string,
  { read, onText, onWarnings }: Listeners & { read?: ProviderConfig } = {},
): Promise<Model> {
  const connection = await connect(name, read, onText);
  const { aiSdkModel } = await import("./ai-sdk.ts");
  const model = aiSdkModel(connection, onWarnings);
  return parseModelName(name).provider.adapt?.(model) ?? model;
}
