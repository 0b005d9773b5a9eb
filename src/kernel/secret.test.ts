import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { encodeUtf8, decodeUtf8 } from "./utf8.js";
import { Secret } from "./secret.js";

describe("a secret", () => {
  it("does not show itself in text, JSON or a debugger's print", () => {
    const secret = new Secret(encodeUtf8("hunter2"));
    const shown = [String(secret), secret.toString(), JSON.stringify({ secret }), inspect(secret)];
    for (const text of shown) expect(text).not.toContain("hunter2");
  });

  it("lends its bytes and overwrites them when wiped", () => {
    const bytes = encodeUtf8("hunter2");
    const secret = new Secret(bytes);
    expect(secret.reveal(decodeUtf8)).toBe("hunter2");
    secret.wipe();
    expect([...bytes]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(secret.reveal((rest) => rest.length)).toBe(0);
  });
});
