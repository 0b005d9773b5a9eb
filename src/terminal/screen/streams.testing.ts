import fc from "fast-check";

/**
 * Target output for properties: pieces of text and control sequences as programs send them, joined.
 * A flavour leaves out what xterm.js does in a way of its own (each is named in
 * differential.test.ts); `everything` leaves out nothing and is for properties of our screen alone.
 */
export type Flavour = "narrow" | "wide" | "unicode" | "charsets" | "tabs" | "everything";

export function outputOf(flavour: Flavour): fc.Arbitrary<string> {
  return fc.array(pieceOf(flavour), { minLength: 1, maxLength: 40 }).map((p) => p.join(""));
}

/** Any bytes: noise, output, and output damaged by noise. */
export function hostileBytes(): fc.Arbitrary<Uint8Array> {
  const noise = fc.uint8Array({ maxLength: 60 });
  const output = outputOf("everything").map((text) => new TextEncoder().encode(text));
  return fc
    .array(fc.oneof(noise, { weight: 2, arbitrary: output }), { maxLength: 6 })
    .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));
}

/** Cuts bytes at the given places. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  );
  const starts = [0, ...ends];
  return starts.map((start, i) => bytes.subarray(start, ends[i] ?? bytes.length));
}

/** One character of a text. */
function oneOf(characters: string): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from(characters));
}

const text = fc.string({
  unit: oneOf("abcdefghijKLMNOP0123456789 -_/.#~"),
  minLength: 1,
  maxLength: 30,
});
// A mark must follow a printed letter for xterm.js: the first letter ends any open sequence.
const combined = fc
  .tuple(oneOf("aeiou"), fc.string({ unit: fc.constantFrom("\u0301", "\u0323") }))
  .map(([base, marks]) => `x${base}${marks.slice(0, 4)}`);
const latin = fc.constantFrom("é", "ß", "Ω", "→", "─", "│", "€", "ж");
const wide = fc.string({ unit: oneOf("漢字かな한글，"), minLength: 1, maxLength: 8 });
const emoji = fc
  .constantFrom("🙂", "👩\u200d💻", "❤\ufe0f", "\u{1f468}\u{1f3fd}", "\u200bc")
  .map((characters) => `xy${characters}`);
/** A letter and any character of Unicode that can be printed; U+FEFF is dropped by xterm.js. */
const anyCharacter = fc
  .integer({ min: 0xa0, max: 0x1ffff })
  .filter((code) => (code < 0xd800 || code > 0xdfff) && code !== 0xfeff)
  .map((code) => `xy${String.fromCodePoint(code)}`);
const control = fc.constantFrom("\r", "\n", "\r\n", "\r\n", "\b", "\t", "\v", "\f", "\0", "\x07");
const deleteCode = fc.constant("\x7f");

const number = fc.constantFrom("", "0", "1", "2", "3", "4", "7", "12", "99");
const numbers = fc.array(number, { maxLength: 3 }).map((list) => list.join(";"));
const csi = (finals: string, parameters: fc.Arbitrary<string> = numbers): fc.Arbitrary<string> =>
  fc.tuple(parameters, oneOf(finals)).map(([p, final]) => `\x1b[${p}${final}`);

const movement = csi("ABCDEFGHf`ade");
const editing = csi("@PXLMST");
const erasure = csi("JK", fc.constantFrom("", "0", "1", "2"));
const selective = csi("JK", fc.constantFrom("?", "?0", "?1", "?2"));
const region = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }))
  .map(([top, bottom]) => `\x1b[${top};${bottom}r`);
const regionReset = fc.constant("\x1b[r");
const rendition = csi(
  "m",
  fc
    .array(
      fc.constantFrom(
        ...["", "0", "1", "2", "3", "4", "5", "7", "8", "9", "21", "22", "23", "24", "25", "27"],
        ...["28", "29", "31", "39", "44", "49", "53", "55", "90", "97", "100", "107", "6", "77"],
        ...["38;5;8", "38;5;240", "38;5;251", "48;5;17", "38;2;90;90;90", "48;2;1;2;3"],
        ...["38:5:245", "38:2::99:99:99", "48:2::9:8:7", "58;5;3", "4:3", "4:0", "59"],
      ),
      { maxLength: 4 },
    )
    .map((codes) => codes.join(";")),
);
const repeat = csi("b");
// With a wrap pending xterm.js takes the column modulo the width: the cursor is placed first.
const panning = fc.constantFrom("\x1b[ @", "\x1b[2 A", "\x1b[3G\x1b['}", "\x1b[2G\x1b[2'~");
const protection = fc.constantFrom('\x1b[1"q', '\x1b[0"q', "\x1b[m");
const save = fc.constantFrom("\x1b7", "\x1b8", "\x1b[s", "\x1b[u", "\x1b[?1048h", "\x1b[?1048l");
const index = fc.constantFrom("\x1bD", "\x1bE", "\x1bM", "\u0084", "\u0085");
const switches = fc
  .tuple(fc.constantFrom(1, 25, 45, 66, 1000, 1002, 1003, 9, 1006, 1004, 2004, 12, 2026), on())
  .map(([mode, letter]) => `\x1b[?${mode}${letter}`);
const keypad = fc.constantFrom("\x1b=", "\x1b>");
const insert = on().map((letter) => `\x1b[4${letter}`);
const autowrap = on().map((letter) => `\x1b[?7${letter}`);
const alternate = fc
  .tuple(fc.constantFrom(47, 1047, 1049, 1049), on())
  .map(([mode, letter]) => `\x1b[?${mode}${letter}`);
const strings = fc.constantFrom(
  "\x1b]0;a title\x07",
  "\x1b]133;A\x1b\\",
  "\x1b]7;file://x\u009c",
  "\x1bP1$qm\x1b\\",
  "\x1b_an application command\x1b\\",
  "\x1b^private\x1b\\",
  "\x1b]cut off by\x18",
  "\u009d2;c1\u009c",
);
const oddities = fc.constantFrom(
  "\x1b[?25$p",
  "\x1b[>c",
  "\x1b[6n",
  "\x1b[2;3",
  "\x1b[1\r;3H",
  "\x1b[12\x18",
  "\x1b\x1b[2C",
  "\x1b[!!!!p",
  "\x1b[1;2?h",
  "\x1b(\x18",
  "\x1bZ",
  "\x1b[4:3m",
  "\u009b2C",
  "\x1b[99999999999C",
  "\x1b[0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;7m",
);
const pattern = fc.constantFrom("\x1b#8");
const softReset = fc.constant("\x1b[!p");
const charset = fc.constantFrom(
  ...["\x1b(0", "\x1b(B", "\x1b)0", "\x1b(A", "\x0e", "\x0f", "\x1bn", "\x1b*0", "\x1b%G"],
  "lqqk x#`~",
);
const tabs = fc.oneof(fc.constantFrom("\t", "\x1bH", "\u0088", "\x1b[g", "\x1b[3g"), csi("IZ"));
const origin = on().map((letter) => `\x1b[?6${letter}`);
const fullReset = fc.constant("\x1bc");
const lineMode = on().map((letter) => `\x1b[20${letter}`);

function on(): fc.Arbitrary<string> {
  return fc.constantFrom("h", "l");
}

function pieceOf(flavour: Flavour): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: text },
    { weight: 6, arbitrary: control },
    { weight: 5, arbitrary: movement },
    { weight: 4, arbitrary: editing },
    { weight: 2, arbitrary: erasure },
    { weight: 2, arbitrary: region },
    { weight: 3, arbitrary: rendition },
    ...[latin, combined, deleteCode, regionReset, repeat, panning, protection],
    ...[selective, index, switches, keypad, insert, strings, oddities, pattern],
    ...SPECIAL[flavour],
  );
}

const SPECIAL: Readonly<Record<Flavour, readonly fc.Arbitrary<string>[]>> = {
  narrow: [autowrap, alternate, save, save, softReset],
  wide: [wide, wide, wide, wide, alternate, save, softReset],
  unicode: [wide, emoji, emoji, emoji, anyCharacter, anyCharacter, alternate],
  charsets: [charset, charset, charset, alternate],
  tabs: [tabs, tabs, tabs, save],
  everything: [
    ...[autowrap, alternate, save, softReset, wide, wide, emoji, charset, charset, tabs],
    ...[origin, fullReset, lineMode],
  ],
};
