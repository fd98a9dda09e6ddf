/**
 * What `main.ts` tells a contestant's process by its environment.
 * @throws Error when it has told nothing.
 */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: contestants are started by main.ts`);
  return value;
}
