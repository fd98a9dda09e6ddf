import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drawPictures } from "../docs/pictures/pictures.ts";
import { ROOT } from "./support/imports.ts";

/** More than that is slow to load in a README. */
const MAX_BYTES = 150_000;

const pictures = await drawPictures();

test.each(Object.entries(pictures))("%s is what its script draws (else: npm run pictures)", (name, drawn) => {
  expect(readFileSync(join(ROOT, "docs/pictures", name), "utf8")).toBe(drawn);
});

test.each(Object.entries(pictures))(
  "%s says in words what it shows, and needs nothing from elsewhere",
  (_, drawn) => {
    expect(drawn).toMatch(/<title id="title">.{10,}<\/title>\n<desc id="description">[^<]{50,}<\/desc>/);
    expect(drawn).toContain("prefers-color-scheme:dark");
    expect(drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /https?:\/\/(?!127\.0\.0\.1)|url\(|@import|<script/,
    );
    expect(drawn.length).toBeLessThan(MAX_BYTES);
  },
);

test("the run at a terminal ends with the answer, stays still for whoever wants no motion, and begins again within 12 s", () => {
  const run = pictures["run.svg"] ?? "";
  expect(/<desc[^>]*>([^<]*)<\/desc>/.exec(run)?.[1]).toMatch(/Answer\n- .*Summary\n/s);
  expect(run).toContain("@media(prefers-reduced-motion:no-preference){.t g{animation:");
  expect(Number(/animation:(\d+)ms/.exec(run)?.[1])).toBeLessThan(12_000);
});
