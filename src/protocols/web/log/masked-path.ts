import { MASK, maskedText } from "./masked-text.js";

/**
 * A path as events and the request log keep it: what stands behind a word such as `reset`, `token` or
 * `invite` and looks made by a machine is masked, and what `maskedText` knows wherever it stands. Names of
 * things (`/secrets/db-password`, `/commits/4f2a...`) stay: they say what was done. Linear.
 */
export function maskedPath(path: string): string {
  if (!MAYBE.test(path)) return path;
  let behind = false;
  const shown = path.split("/").map((segment) => {
    const plain = decoded(segment);
    if (behind && isMade(plain)) return MASK;
    behind ||= WORD.test(plain) || CAMEL.test(plain);
    return plain === segment ? maskedText(segment) : maskedText(plain) === plain ? segment : MASK;
  });
  return shown.join("/");
}

const WORDS =
  "tokens?|otp|invites?|invitations?|magic|reset|recover|recovery|verify|verification|confirm|confirmation|activate|activation|passwords?|passwd|jwt|api[-_]?keys?|signature|unsubscribe";

/** One of the words of a name: `password_reset`, `verify-email`, `resetToken`. */
const WORD = new RegExp(`(?:^|[-_.])(?:${WORDS})(?:$|[-_.])`, "i");
const CAMEL = /[a-z](?:Token|Reset|Password|Invite|Confirm)$|^(?:reset|verify|confirm)[A-Z]/;

/** Without one of these nothing here finds anything. */
const MAYBE = new RegExp(
  `${WORDS}|pass|pwd|secret|credential|key|auth|session|csrf|xsrf|cookie|eyJ|%`,
  "i",
);

/** Long, or letters and digits together: no word, and no number of a row. */
export function isMade(text: string): boolean {
  if (text.length < MADE_CHARS_MIN) return false;
  if (/\d/.test(text) && /[a-z]/i.test(text)) return text.length >= 16 || /^[a-z0-9]+$/i.test(text);
  return text.length >= 32 || /[a-z][A-Z]/.test(text.slice(1)) || LONG_NUMBER.test(text);
}

const MADE_CHARS_MIN = 8;
/** A code that was sent to somebody. */
const LONG_NUMBER = /^\d{8,}$/;

function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
