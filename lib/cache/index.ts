export { keepCompiledCode } from "./compiled-code.ts";
export { digestOf } from "./digests.ts";
export { FolderCache } from "./folder-cache.ts";
export { type Inputs, isIn, projectDigests } from "./inputs.ts";
export { cacheFolder, toolchain } from "./toolchain.ts";
