import { describe, expect, it } from "vitest";
import { micros } from "../../../../kernel/index.js";
import { KEYSYMS, keysymOfCharacter, Person } from "../understanding.testing.js";
import { createKeyReader } from "./key-reader.js";
import { canonicalKeysym, characterOf } from "./keysym-text.js";
import { createTypingRhythm } from "./typing-rhythm.js";

/** What a row of keys types, each pressed and released. */
function typed(...keysyms: readonly number[]): string {
  const reader = createKeyReader();
  return keysyms
    .map((keysym) => {
      const stroke = reader.press(keysym);
      return (stroke?.text ?? "") + (reader.release(keysym)?.text ?? "");
    })
    .join("");
}

describe("keysyms", () => {
  it.each([
    ["Latin-1", 0xe7, "ç"],
    ["Unicode", 0x01000000 + 0x20ac, "€"],
    ["Unicode beyond the first plane", 0x01000000 + 0x1f600, "\u{1f600}"],
    ["the old Polish set", 0x1b3, "ł"],
    ["the old Cyrillic set", 0x6c1, "а"],
    ["the old Greek set", 0x7e1, "α"],
    ["the old currency set", 0x20ac, "€"],
    ["a digit of the keypad", 0xffb7, "7"],
    ["a sign of the keypad", 0xffaa, "*"],
  ])("%s", (_set, keysym, character) => {
    expect(characterOf(keysym)).toBe(character);
  });

  it("type no control character, however it is spelt", () => {
    for (const code of [0x00, 0x0d, 0x1b, 0x7f, 0x9b]) {
      expect(characterOf(code)).toBeNull();
      expect(characterOf(0x01000000 + code)).toBeNull();
    }
    expect(canonicalKeysym(0x0d, "ssh")).toBe(0xff0d);
    expect(canonicalKeysym(0x0100000a, "rdp")).toBe(0xff0d);
    expect(canonicalKeysym(0x03, "ssh")).toBeNull();
  });

  it("of old national sets reach guacd as Unicode, because it knows them only for VNC", () => {
    expect(canonicalKeysym(0x1b3, "rdp")).toBe(0x01000000 + 0x142);
    expect(canonicalKeysym(0x1b3, "vnc")).toBe(0x1b3);
  });
});

describe("keys that compose", () => {
  const ACUTE = 0xfe51;
  const TILDE = 0xfe53;
  const STROKE = 0xfe63;
  it.each([
    ["a dead key and a letter", [ACUTE, 0x65], "é"],
    ["a dead key and a letter of another set", [TILDE, 0x6e], "ñ"],
    ["a dead key and a space", [ACUTE, 0x20], "´"],
    ["a dead key twice", [ACUTE, ACUTE, 0x65], "´´e"],
    ["two dead keys", [ACUTE, TILDE, 0x6f], "´õ"],
    ["a letter that does not compose", [ACUTE, 0x71], "´q"],
    ["a stroke through a letter", [STROKE, 0x6f], "ø"],
  ])("%s", (_what, keysyms, text) => {
    expect(typed(...keysyms)).toBe(text);
  });

  it("a character typed by its number while Alt is down", () => {
    const reader = createKeyReader();
    const byNumber = (...digits: readonly number[]): string | undefined => {
      reader.press(KEYSYMS.Alt);
      for (const digit of digits) {
        expect(reader.press(0xffb0 + digit)?.text).toBeNull();
        reader.release(0xffb0 + digit);
      }
      const stroke = reader.release(KEYSYMS.Alt);
      return stroke?.text ?? stroke?.name;
    };
    expect(byNumber(6, 5)).toBe("A");
    expect(byNumber(1, 3, 0)).toBe("é");
    expect(byNumber(0, 2, 3, 3)).toBe("é");
    expect(byNumber(0, 1, 2, 8)).toBe("€");
    expect(byNumber(1, 3)).toBe("Enter");
    expect(byNumber()).toBeUndefined();
  });

  it("AltGr, also as Ctrl and Alt together", () => {
    const reader = createKeyReader();
    reader.press(KEYSYMS.AltGr);
    expect(reader.press(0x40)?.text).toBe("@");
    reader.reset();
    reader.press(KEYSYMS.Ctrl);
    reader.press(KEYSYMS.Alt);
    expect(reader.press(0x7b)?.text).toBe("{");
    expect(reader.press(0x61)?.text).toBeNull();
  });
});

describe("modifiers", () => {
  it("make a combination of a character", () => {
    const reader = createKeyReader();
    reader.press(KEYSYMS.Ctrl);
    expect(reader.press(0x63)).toMatchObject({ name: "c", text: null, ctrl: true });
    reader.release(KEYSYMS.Ctrl);
    expect(reader.press(0x63)).toMatchObject({ name: "c", text: "c", ctrl: false });
  });

  it("hold until the last of the two of a kind is up", () => {
    const reader = createKeyReader();
    reader.press(0xffe3);
    reader.press(0xffe4);
    reader.release(0xffe3);
    expect(reader.press(0x63)?.ctrl).toBe(true);
    reader.release(0xffe4);
    expect(reader.press(0x64)?.ctrl).toBe(false);
  });
});

describe("the rhythm of keys", () => {
  it("is told with the times that they went down and up", () => {
    const person = new Person({ protocol: "ssh" });
    person.press(0x6c).press(0x73).press("Enter");
    const [told] = person.told("keys-timed");
    expect(told?.keys.map(({ key, at, up }) => [key, up === null ? null : up - at])).toEqual([
      ["l", 60_000],
      ["s", 60_000],
      ["Enter", null],
    ]);
  });

  it("leaves out repeats, input methods, and releases that come all at once", () => {
    const rhythm = createTypingRhythm();
    rhythm.down(1, "a", micros(0));
    rhythm.down(1, "a", micros(30_000));
    rhythm.down(2, "b", micros(60_000));
    rhythm.down(3, "c", micros(90_000));
    for (const keysym of [1, 2, 3]) rhythm.up(keysym, micros(100_000));
    rhythm.down(4, "é", micros(200_000));
    rhythm.up(4, micros(200_000));
    expect(rhythm.take()).toEqual([
      { key: "a", at: 0, up: null, pasted: false },
      { key: "b", at: 60_000, up: null, pasted: false },
      { key: "c", at: 90_000, up: null, pasted: false },
      { key: "é", at: 200_000, up: null, pasted: true },
    ]);
    expect(rhythm.take()).toEqual([]);
  });

  it("of a password is never told", () => {
    const person = new Person({ protocol: "ssh" }).type("sudo id").press("Enter");
    const before = person.told("keys-timed").length;
    person.type("tiger").press("Enter").type("ls").press("Enter");
    const keys = person
      .told("keys-timed")
      .slice(before)
      .flatMap((told) => told.keys.map(({ key }) => key));
    expect(keys).toEqual(["l", "s", "Enter"]);
  });
});

it("knows every character that tests type", () => {
  expect(typed(...Array.from("aé€", keysymOfCharacter))).toBe("aé€");
});
