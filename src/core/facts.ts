/** Fields of JSON whose shape nobody vouches for: what is absent or of another kind is empty. */
export class Facts {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  text(key: string): string {
    const value = this.#fields[key];
    return typeof value === "string" ? storable(value) : "";
  }

  number(key: string): number {
    const value = this.#fields[key];
    return typeof value === "number" && Number.isFinite(value) ? value : 0;
  }

  /** A whole number of at least 0, as counts, bytes and durations are. */
  count(key: string): number {
    return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(this.number(key))));
  }

  flag(key: string): boolean {
    return this.#fields[key] === true;
  }

  has(key: string): boolean {
    return this.#fields[key] !== undefined;
  }

  facts(key: string): Facts {
    return factsOf(this.#fields[key]) ?? NO_FACTS;
  }

  /** A text of up to so many characters, whole; null for anything else. */
  long(key: string, most: number): string | null {
    const value = this.#fields[key];
    return typeof value === "string" && value.length <= most ? value : null;
  }

  isNull(key: string): boolean {
    return this.#fields[key] === null;
  }

  /** The objects of a list, at most so many. */
  list(key: string, most: number): readonly Facts[] {
    const value = this.#fields[key];
    if (!Array.isArray(value)) return [];
    return value.slice(0, most).flatMap((one: unknown) => factsOf(one) ?? []);
  }

  texts(key: string): readonly string[] {
    const value = this.#fields[key];
    if (!Array.isArray(value)) return [];
    return value
      .filter((one): one is string => typeof one === "string")
      .slice(0, TEXTS_MAX)
      .map(storable);
  }
}

/** Identifies in tables and reports; longer names are cut. */
const TEXT_MAX = 256;
/** What PostgreSQL does not take as text, and what is no character at all. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;
/** Groups of a person, tags of a rule: more are nobody's. */
const TEXTS_MAX = 64;
const NO_FACTS = new Facts({});

/** Null for what is no JSON object. */
export function factsOf(value: unknown): Facts | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? new Facts(value as Readonly<Record<string, unknown>>) // an object has string keys
    : null;
}

function storable(text: string): string {
  const cut = text.length > TEXT_MAX ? text.slice(0, TEXT_MAX) : text;
  return PLAIN.test(cut) ? cut : cut.replace(UNSTORABLE, "\ufffd");
}

/** Most texts: nothing in them has to be looked for. */
const PLAIN = /^[ -~]*$/;
