import { describe, expect, it } from "vitest";
import { micros } from "../kernel/index.js";
import { createAsciicast } from "./asciicast.js";

const at = micros(1_500_000);

describe("an asciicast line", () => {
  it.each([
    [
      { type: "output", at, bytes: Buffer.from('a\u001b"\n') } as const,
      '[0.500000, "o", "a\\u001b\\"\\n"]\n',
    ],
    [{ type: "input", at, bytes: Buffer.from("\r") } as const, '[0.500000, "i", "\\r"]\n'],
    [{ type: "hidden", at } as const, '[0.500000, "m", "input hidden"]\n'],
    [{ type: "resize", at, columns: 80, rows: 24 } as const, '[0.500000, "r", "80x24"]\n'],
    [{ type: "mark", at, label: "killed x" } as const, '[0.500000, "m", "killed x"]\n'],
    [{ type: "end", at } as const, ""],
  ])("of %j is %j", (entry, line) => {
    expect(createAsciicast(micros(1_000_000)).encode(entry)).toBe(line);
  });

  it("waits for the rest of a character, and tells what never got one", () => {
    const cast = createAsciicast(at);
    expect(cast.encode({ type: "output", at, bytes: Uint8Array.of(0xe2, 0x82) })).toBe("");
    expect(cast.encode({ type: "output", at, bytes: Uint8Array.of(0xac) })).toContain("€");
    expect(cast.encode({ type: "output", at, bytes: Uint8Array.of(0xe2) })).toBe("");
    expect(cast.encode({ type: "end", at })).toContain("\ufffd");
  });

  it("is never before the start", () => {
    expect(createAsciicast(micros(2_000_000)).encode({ type: "hidden", at })).toContain(
      "[0.000000",
    );
  });
});
