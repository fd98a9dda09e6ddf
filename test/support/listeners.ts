import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A TCP socket that listens. */
export interface Listener {
  pid: number;
  /** In the kernel's notation: `0100007F` is 127.0.0.1. */
  address: string;
  port: number;
}

/** 127.0.0.1 in the kernel's hexadecimal. */
export const LOOPBACK = "0100007F";
/** The kernel's state number for a listening socket. */
const LISTENING = "0A";

/** Every TCP socket on which these processes listen, including IPv6. Linux only: it reads `/proc`. */
export function listenersOf(pids: readonly number[]): Listener[] {
  const owners = new Map(pids.flatMap((pid) => socketsOf(pid).map((inode) => [inode, pid] as const)));
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .flatMap(([, local = "", , state, , , , , , inode = ""]) => {
        const pid = owners.get(inode);
        const [address = "", port = ""] = local.split(":");
        return state === LISTENING && pid !== undefined
          ? [{ pid, address, port: Number.parseInt(port, 16) }]
          : [];
      }),
  );
}

function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      // Closed since it was listed.
      return [];
    }
  });
}
