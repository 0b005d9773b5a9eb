/** The characters that begin a history expansion: `!` and `^` unless `histchars` says otherwise. */
export interface HistoryCharacters {
  /** "" when nothing does. */
  readonly expand: string;
  readonly substitute: string;
}

export const USUAL_CHARACTERS: HistoryCharacters = { expand: "!", substitute: "^" };

/** What a line makes of them. `unchanged`: it does not speak of them; null: they can not be known. */
export function charactersAfter(text: string): HistoryCharacters | "unchanged" | null {
  if (!/\bhistchars\b|\bHISTCHARS\b/.test(text)) return "unchanged";
  if (/\bunset\s+(?:-v\s+)?(?:histchars|HISTCHARS)\b/.test(text)) return USUAL_CHARACTERS;
  const match = ASSIGNMENT.exec(text);
  if (match === null) return null;
  const [expand = "", substitute = expand === "" ? "" : "^"] = Array.from(
    match[1] ?? match[2] ?? match[3] ?? "",
  );
  return { expand, substitute };
}

const ASSIGNMENT =
  /(?:^|[\s;&|])(?:histchars|HISTCHARS)=(?:'([^']*)'|"([^"$`\\]*)"|([^\s;'"$`\\&|]*))(?=[\s;&|]|$)/;

/** The text as it would be with the usual characters, and back: they change places. */
export function exchanged(text: string, characters: HistoryCharacters): string {
  if (characters === USUAL_CHARACTERS) return text;
  const { expand, substitute } = characters;
  return Array.from(text, (character) => {
    switch (character) {
      case expand === "" ? NOBODY_EXPANDS : expand:
        return "!";
      case "!":
        return expand === "" ? NOBODY_EXPANDS : expand;
      case substitute === "" ? NOBODY_SUBSTITUTES : substitute:
        return "^";
      case "^":
        return substitute === "" ? NOBODY_SUBSTITUTES : substitute;
      default:
        return character;
    }
  }).join("");
}

/** Private use: nobody types them. */
const NOBODY_EXPANDS = "\ue0f0";
const NOBODY_SUBSTITUTES = "\ue0f1";
