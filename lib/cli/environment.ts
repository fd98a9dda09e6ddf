/** The one place where the command line reads its environment. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;
