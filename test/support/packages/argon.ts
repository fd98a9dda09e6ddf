import { hash, verify } from "@node-rs/argon2";

/** A native addon, in a package for each system. */
export const handler = async ({ password }: { password: string }) => verify(await hash(password), password);
