/** What stands where something is left out of the request log. */
export const MASK = "[masked]";

/**
 * Free text without what looks like a secret: values behind words such as `password` or `token`, of such
 * fields and elements of HTML and XML, tokens of HTTP's schemes, JWTs, private keys. A look at words, not
 * a parser: a secret that nothing around it calls one is not known. Linear in the length of the text.
 */
export function maskedText(text: string): string {
  if (text.length < SHORTEST_CHARS || !MAYBE.test(text)) return text;
  return text
    .replace(PRIVATE_KEY, MASK)
    .replace(FIELD_TAG, maskedTag)
    .replace(ELEMENT, maskedElement)
    .replace(SCHEME_TOKEN, `$1 ${MASK}`)
    .replace(ASSIGNED, `$1${MASK}`)
    .replace(JWT, MASK);
}

const SECRET_WORD =
  "pass(?:word|wd|phrase|code)?|pwd|secret|token|credential|api[-_]?key|private[-_]?key|access[-_]?key|otp|csrf|xsrf|authorization|session[-_]?id|signature|cookie";

const SECRET = new RegExp(SECRET_WORD, "i");

/** Without one of these nothing below finds anything: most values of a long JSON are short words. */
const MAYBE = new RegExp(`${SECRET_WORD}|eyJ|PRIVATE KEY|bearer|basic|negotiate|digest`, "i");
/** `pwd=x` */
const SHORTEST_CHARS = 5;

const PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|$)/g;

/** `password: "x"`, `api_key=x`, and JSON that stands in a text of JSON: `\"password\": \"x\"`. */
const ASSIGNED = new RegExp(
  `((?:${SECRET_WORD})[\\w.-]{0,16}\\\\?["']?\\s{0,4}[:=]\\s{0,4})(?:\\\\"(?:[^"\\\\]|\\\\(?!"))*(?:\\\\")?|"(?:[^"\\\\]|\\\\[^])*"?|'[^']*'?|[^\\s"'<>&;,)}\\]]+)`,
  "gi",
);

const SCHEME_TOKEN = /\b(bearer|basic|negotiate|digest)\s{1,4}[\w.~+/=-]{6,}/gi;

const JWT = /(?<![\w-])eyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*)?/g;

const FIELD_TAG = /<(?:input|meta|textarea)\b[^<>]*/gi;
const TAG_VALUE = /(\b(?:value|content)\s{0,4}=\s{0,4})(?:"[^"]*"?|'[^']*'?|[^\s"'>]+)/gi;

function maskedTag(tag: string): string {
  return SECRET.test(tag) ? tag.replace(TAG_VALUE, `$1"${MASK}"`) : tag;
}

const ELEMENT = /<([\w.:-]{1,96})(\s[^<>]*)?>([^<]+)/g;

function maskedElement(whole: string, name: string, attributes: string | undefined): string {
  return SECRET.test(name) ? `<${name}${attributes ?? ""}>${MASK}` : whole;
}
