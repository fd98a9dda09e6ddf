import { extname, join } from "node:path";

/** The kit's files are TypeScript in its repository, and JavaScript in its package. */
const EXTENSION = extname(import.meta.filename);

/**
 * A module of the kit, for the bundler.
 * @param path relative to `lib`, without its extension.
 * @returns its absolute path.
 */
export const kitFile = (path: string): string => join(import.meta.dirname, `../${path}${EXTENSION}`);
