/**
 * Bits of a cell. A row is four planes of one Uint32 a column: content, foreground, background and
 * the revision at which the cell was written. Content 0 is a blank that nobody wrote (fresh, erased
 * or scrolled in); a typed space is U+0020.
 */
export const PLANES = 4;

/** Content: a code point, or the number of a cluster when CLUSTER is set. */
export const CONTENT_MASK = 0x1fffff;
export const CLUSTER = 1 << 21;
/** Left half of a wide character; the next cell is RIGHT_HALF and nothing else. */
export const WIDE = 1 << 22;
export const RIGHT_HALF = 1 << 23;

/** Colours, the same in both attribute words: a kind in bits 24-25 and a value below. */
export const COLOUR_MASK = 0x3ffffff;
export const COLOUR_KIND_MASK = 0x3000000;
export const COLOUR_VALUE_MASK = 0xffffff;
export const COLOUR_PALETTE = 1 << 24;
export const COLOUR_RGB = 2 << 24;

/** Flags in the foreground word, above the colour. */
export const BOLD = 1 << 26;
export const FAINT = 1 << 27;
export const ITALIC = 1 << 28;
export const BLINK = 1 << 29;
export const INVERSE = 1 << 30;
/** Bit 31, spelt out because 1 << 31 is negative. */
export const CONCEALED = 0x80000000;

/** Flags in the background word: underline style 0-5 in three bits, then three flags. */
export const UNDERLINE_SHIFT = 26;
export const UNDERLINE_MASK = 7 << UNDERLINE_SHIFT;
export const STRIKE = 1 << 29;
export const OVERLINE = 1 << 30;
/** DECSCA: selective erase leaves the cell alone. */
export const PROTECTED = 0x80000000;

/** Brightest value of a channel that still passes for grey (256-colour 250 is #bcbcbc). */
const GREY_LEVEL_MAX = 188;
/** Darkest value of a channel that is grey and not black (256-colour 232 is #080808). */
const GREY_LEVEL_MIN = 8;
/** Channels of a grey differ at most by this much (solarized base01 is #586e75: 29). */
const GREY_SPREAD_MAX = 32;
const BRIGHT_BLACK = 8;
/** The greys of the 256-colour ramp up to GREY_LEVEL_MAX, and those of its cube. */
const GREY_RAMP_FIRST = 232;
const GREY_RAMP_LAST = 250;
const CUBE_GREYS: readonly number[] = [59, 102, 145];

/**
 * How shells show text that was not typed (fish and zsh-autosuggestions ghost text): SGR 2, or a
 * grey foreground: bright black (SGR 90, palette 8), palette 232-250 and the cube's greys 59, 102,
 * 145, or a true colour whose channels lie within 8..188 and differ by at most 32. Black, white and
 * near-white are not faint. Inverse and background are not looked at.
 */
export function isFaint(foreground: number): boolean {
  if (foreground & FAINT) return true;
  const value = foreground & COLOUR_VALUE_MASK;
  switch (foreground & COLOUR_KIND_MASK) {
    case COLOUR_PALETTE:
      return isGreyOfPalette(value);
    case COLOUR_RGB:
      return isGreyOfRgb(value);
    default:
      return false;
  }
}

function isGreyOfPalette(index: number): boolean {
  if (index === BRIGHT_BLACK || CUBE_GREYS.includes(index)) return true;
  return index >= GREY_RAMP_FIRST && index <= GREY_RAMP_LAST;
}

function isGreyOfRgb(rgb: number): boolean {
  const red = rgb >> 16;
  const green = (rgb >> 8) & 0xff;
  const blue = rgb & 0xff;
  const brightest = Math.max(red, green, blue);
  const darkest = Math.min(red, green, blue);
  return (
    brightest <= GREY_LEVEL_MAX &&
    brightest >= GREY_LEVEL_MIN &&
    brightest - darkest <= GREY_SPREAD_MAX
  );
}
