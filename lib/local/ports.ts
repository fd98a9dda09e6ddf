import getPort, { portNumbers } from "get-port";

/** Restate's well-known ports, and ours next to them. */
const WANTED = { ingress: 8080, admin: 9070, lambda: 9001, sandbox: 9002 };
/** How many ports above a taken one are tried. */
const RANGE = 100;

export type Ports = typeof WANTED;

/** Any free port for each part. */
export async function freePorts(): Promise<Ports> {
  const ports = { ...WANTED };
  for (const name of Object.keys(WANTED) as (keyof Ports)[])
    ports[name] = await getPort({ host: "127.0.0.1" });
  return ports;
}

/**
 * Chooses a free port for each part: the usual one, or the next above it.
 * @param notice is told of each part that does not get its usual port.
 */
export async function choosePorts(notice: (text: string) => void): Promise<Ports> {
  const ports = { ...WANTED };
  for (const name of Object.keys(WANTED) as (keyof Ports)[]) {
    const wanted = WANTED[name];
    ports[name] = await getPort({ host: "127.0.0.1", port: portNumbers(wanted, wanted + RANGE) });
    if (ports[name] !== wanted) notice(`Port ${wanted} is taken; ${name} uses ${ports[name]} instead.`);
  }
  return ports;
}
