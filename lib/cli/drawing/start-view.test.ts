import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startView } from "./start-view.ts";

beforeEach(() => {
  vi.useFakeTimers();
  // Whoever runs the tests may have another one.
  vi.stubEnv("TERM", "xterm");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** An output that records what was written. */
function recording(isTTY: boolean) {
  const written: string[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    written.push(chunk.toString());
    done();
  };
  return {
    written,
    output: Object.assign(new Writable({ write }), { isTTY, columns: 80, rows: 24 }) as never,
  };
}

test("on a pipe each finished part is a line with its time, in the order in which they end", () => {
  const { written, output } = recording(false);
  const view = startView(output);
  view.notice("Starting …");
  const done = { server: view.begin("restate-server"), functions: view.begin("bundling") };
  vi.advanceTimersByTime(900);
  done.server();
  vi.advanceTimersByTime(4100);
  done.functions();
  view.end();
  expect(written.join("")).toBe(
    "Starting …\n  restate-server                0.90 s\n  bundling                      5.00 s\n",
  );
});

test("on a terminal running parts are drawn with their time so far; at the end only finished parts are left", () => {
  const { written, output } = recording(true);
  const view = startView(output);
  view.begin("bundling");
  const done = view.begin("restate-server");
  const drawn = (from: number) => stripVTControlCharacters(written.slice(from).join(""));
  const before = written.length;
  vi.advanceTimersByTime(300);
  for (const time of ["0.10 s", "0.20 s", "0.30 s"]) expect(drawn(before)).toContain(time);
  const ending = written.length;
  done();
  expect(drawn(ending)).toContain("  restate-server                0.30 s\n");
  const after = written.length;
  vi.advanceTimersByTime(100);
  expect(drawn(after)).not.toContain("restate-server");
  view.end();
  const ended = written.length;
  vi.advanceTimersByTime(1000);
  expect(written).toHaveLength(ended);
});
