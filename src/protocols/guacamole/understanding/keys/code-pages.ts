/**
 * Characters that Windows makes of a number typed on the keypad while Alt is down. Without a leading
 * zero it is one of the OEM code page (437), with one it is one of the ANSI code page (1252).
 */
const OEM_HIGH =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀" +
  "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";
const OEM_LOW = "☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
const ANSI_C1 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** Null for a number that types nothing that can stand in a line. */
export function characterOfCode(code: number, leadingZero: boolean): string | null {
  const number = code % 256;
  if (number >= 0x20 && number < 0x7f) return String.fromCharCode(number);
  if (number < 0x20) return leadingZero ? null : (OEM_LOW[number - 1] ?? null);
  if (number === 0x7f) return leadingZero ? null : "⌂";
  if (!leadingZero) return OEM_HIGH[number - 0x80] ?? null;
  return number < 0xa0 ? (ANSI_C1[number - 0x80] ?? null) : String.fromCharCode(number);
}
