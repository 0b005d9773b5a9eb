import fc from "fast-check";
import { generateSync } from "otplib";
import { describe, expect, it } from "vitest";
import { Secret, wallMicros, MICROS_PER_SECOND } from "../kernel/index.js";
import { decodeBase32, encodeBase32 } from "./base32.js";
import { matchTotp, otpauthUri, parseTotpSecret, totpCode, totpStepAt } from "./totp.js";

const KEY = () => new Secret(Buffer.from("12345678901234567890"));
const typed = (text: string) => new Secret(Buffer.from(text));
const at = (seconds: number) => wallMicros(seconds * MICROS_PER_SECOND);

describe("a TOTP code", () => {
  // RFC 6238 appendix B, SHA-1, last six of its eight digits.
  it.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ])("is the one of RFC 6238 at %d s", (seconds, code) => {
    expect(totpCode(KEY(), totpStepAt(at(seconds)))).toBe(code);
  });

  it("is the same as another implementation's, for any secret and time", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 64 }),
        fc.integer({ min: 0, max: 4_000_000_000 }),
        (key, epoch) => {
          const theirs = generateSync({ secret: encodeBase32(key), epoch });
          expect(totpCode(new Secret(key), totpStepAt(at(epoch)))).toBe(theirs);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is taken one step early and one step late, and says which step it belongs to", () => {
    const now = 1_111_111_111;
    const step = totpStepAt(at(now));
    for (const distance of [-1, 0, 1]) {
      expect(matchTotp(KEY(), typed(totpCode(KEY(), step + distance)), at(now))).toBe(
        step + distance,
      );
    }
  });

  it("is refused two steps away", () => {
    const now = 1_111_111_111;
    const step = totpStepAt(at(now));
    for (const distance of [-2, 2]) {
      expect(matchTotp(KEY(), typed(totpCode(KEY(), step + distance)), at(now))).toBeNull();
    }
  });

  it("may be typed with the space that apps show", () => {
    expect(matchTotp(KEY(), typed("287 082"), at(59))).toBe(1);
  });

  it.each(["", "28708", "2870822", "287083", "２８７０８２", "287082\n"])("is not %j", (answer) => {
    expect(matchTotp(KEY(), typed(answer), at(59))).toBeNull();
  });
});

describe("a TOTP secret", () => {
  it("survives base32 whatever its bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
      }),
    );
  });

  it("may be written as apps show it: lower case, in groups, padded", () => {
    const read = parseTotpSecret(typed("gezd gnbv-gy3t qojq gezd gnbv gy3t qojq===="));
    expect(read.ok && totpCode(read.value, 1)).toBe("287082");
  });

  it.each([
    ["GEZDGNBVGY3TQOJ1", "is not base32"],
    ["GEZDGNBVGY3TQOJQ", "must have 16 to 128 bytes"],
  ])("is refused as %s", (text, why) => {
    const read = parseTotpSecret(typed(text));
    expect(read.ok ? "" : read.error.message).toContain(why);
  });

  it("is handed to an app as an otpauth link", () => {
    expect(otpauthUri({ issuer: "Chaperone lab", person: "a@b", base32: "GEZD" })).toBe(
      "otpauth://totp/Chaperone%20lab:a%40b?secret=GEZD&issuer=Chaperone%20lab&algorithm=SHA1&digits=6&period=30",
    );
  });
});
