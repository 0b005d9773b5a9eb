/** Text that is HTML already; everything else is escaped when it is put in. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Piece = string | number | Html | readonly Html[];

/** A template whose pieces are escaped for element content and for attribute values in double quotes. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(
    strings.map((text, at) => (at === 0 ? text : written(pieces[at - 1] ?? "") + text)).join(""),
  );
}

function written(piece: Piece): string {
  if (piece instanceof Html) return piece.text;
  if (typeof piece === "object") return piece.map((one) => one.text).join("");
  return escapeHtml(String(piece));
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters and signs that turn the direction of text are shown, never obeyed. */
function escapeHtml(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "\u{fffd}")
    .replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? "");
}
