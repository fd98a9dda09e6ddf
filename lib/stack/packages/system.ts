/** A system that packages are installed for, in npm's terms. */
export interface System {
  os: string;
  cpu: string;
  libc: string;
}

/** The system of a deployed function: Amazon Linux on ARM64. */
export const LAMBDA_SYSTEM = { os: "linux", cpu: "arm64", libc: "glibc" } as const satisfies System;

/** What a package.json says about the systems that the package is for. Default: all. */
export type Constraints = { readonly [key in keyof System]?: readonly string[] };

/**
 * Whether a package is for a system, by npm's rules.
 * @see https://docs.npmjs.com/cli/configuring-npm/package-json#os
 */
export function isFor(system: System, constraints: Constraints): boolean {
  return (Object.keys(system) as (keyof System)[]).every((key) => allows(constraints[key], system[key]));
}

function allows(list: readonly string[] = [], value: string): boolean {
  if (list.includes(`!${value}`)) return false;
  const named = list.filter((entry) => !entry.startsWith("!"));
  return named.length === 0 || named.includes(value) || named.includes("any");
}

/** A system in readable form. */
export function systemName({ os, cpu, libc }: System): string {
  return `${os} ${cpu} (${libc})`;
}

const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
/** The processor is a 16-bit number at this byte. @see https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const ELF_MACHINE_OFFSET = 18;
const ELF_MACHINE: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };
/** What an addon linked against musl needs, and one linked against glibc does not. */
const MUSL = "libc.musl-";

/** Whether a compiled addon can be loaded on a Linux system, given its content. */
export function isAddonFor(system: System, content: Buffer): boolean {
  if (!content.subarray(0, ELF.length).equals(ELF)) return false;
  if (content.readUInt16LE(ELF_MACHINE_OFFSET) !== ELF_MACHINE[system.cpu]) return false;
  return (system.libc === "musl") === content.includes(MUSL);
}
