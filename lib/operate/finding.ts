/** What one check found. */
export interface Finding {
  /** What was examined, in a word or two. */
  check: string;
  level: "ok" | "warning" | "problem";
  text: string;
  /** What to do about it. */
  advice?: string | undefined;
}

export const ok = (check: string, text: string): Finding => ({ check, level: "ok", text });

export const warning = (check: string, text: string, advice?: string): Finding => ({
  check,
  level: "warning",
  text,
  advice,
});

export const problem = (check: string, text: string, advice?: string): Finding => ({
  check,
  level: "problem",
  text,
  advice,
});
