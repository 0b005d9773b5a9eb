/** How another language spells what matters here: texts, their joining, and commands in backquotes. */
export interface Language {
  /** Operators that put two texts together. */
  readonly concatenation: readonly string[];
  /** Texts that stand side by side are one. */
  readonly adjacent: boolean;
  /** A text in backquotes is a command; else it is a text. */
  readonly backquotes: boolean;
  /** Variables and expressions inside double quotes: `$x`, `#{x}`, or none. */
  readonly interpolation: "dollar" | "hash" | "none";
  /** `(f "a" "b")`: words behind the name of a function are its arguments. */
  readonly lisp: boolean;
  /** Lines that start with it are comments; `//` is one of two characters. */
  readonly comment: "#" | "//" | "--" | ";" | null;
}

const plain: Language = {
  concatenation: ["+"],
  adjacent: true,
  backquotes: false,
  interpolation: "none",
  lisp: false,
  comment: "#",
};
const perl: Language = {
  ...plain,
  concatenation: ["."],
  adjacent: false,
  backquotes: true,
  interpolation: "dollar",
};
const script: Language = { ...plain, adjacent: false, comment: "//" };
const lisp: Language = { ...plain, adjacent: false, lisp: true, comment: ";" };

export const LANGUAGES = {
  python: plain,
  perl,
  php: { ...perl, comment: "//" },
  ruby: { ...plain, backquotes: true, interpolation: "hash" },
  node: script,
  lua: { ...plain, concatenation: [".."], adjacent: false, comment: "--" },
  awk: { ...plain, concatenation: [] },
  lisp,
  other: { ...plain, comment: null },
} as const satisfies Readonly<Record<string, Language>>;

export type LanguageName = keyof typeof LANGUAGES;
