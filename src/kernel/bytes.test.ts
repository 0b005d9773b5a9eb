import { describe, expect, it } from "vitest";
import { plainBytes } from "./bytes.js";

describe("bytes from the platform", () => {
  it("are copied when they are sliced, also when they come as a Buffer", () => {
    const buffer = Buffer.from("typed");
    const copy = plainBytes(buffer).slice();
    copy.fill(0);
    expect(buffer.toString()).toBe("typed");
    expect(plainBytes(buffer.subarray(1, 3))).toEqual(Uint8Array.of(121, 112));
  });
});
