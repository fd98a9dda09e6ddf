/** A package cannot go into a function; the message is for the person who imported it. */
export class PackageError extends Error {
  override readonly name = "PackageError";
}
