import { expect, test } from "vitest";
import * as z from "zod";
import { answerShape } from "./answer.ts";
import type { Message } from "./models/seam.ts";

const nested = (depth: number) => `\`\`\`json\n${"[".repeat(depth)}${"]".repeat(depth)}\n\`\`\``;
const said = (...texts: string[]) =>
  texts.map((text) => ({ role: "assistant", reply: { text, calls: [] } })) as unknown as Message[];

test("an answer that nests too deep does not fit, also where the shape allows any JSON", () => {
  const { read } = answerShape(z.json());
  expect(read({ text: nested(100) })).toMatchObject({ answer: [expect.anything()] });
  expect(read({ text: nested(100_000) })).toEqual({ problem: "it nests deeper than 100 levels" });
});

test("a fence that is followed by a megabyte of blanks is read at once", () => {
  expect(answerShape(z.json()).read({ text: `\`\`\`json${" ".repeat(1_000_000)}` })).toEqual({
    problem: "it is not JSON",
  });
});

test("F11: out of time, a run answers with the model's last text, or with none", () => {
  const { lastOf } = answerShape(undefined);
  expect(lastOf([{ role: "user", text: "Hi." }, ...said("Let me look.", "")])).toBe("Let me look.");
  expect(lastOf([{ role: "user", text: "Hi." }])).toBe("");
});

test("F11: out of time, a run that wants a shape answers only with that shape", () => {
  const { lastOf } = answerShape(z.object({ city: z.string() }));
  expect(lastOf(said('{"city":"Tokyo"}'))).toEqual({ city: "Tokyo" });
  expect(() => lastOf(said("Let me look."))).toThrow(
    expect.objectContaining({ code: 504, message: "The deadline passed before the model gave an answer." }),
  );
});
