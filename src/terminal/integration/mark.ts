import { decodeUtf8 } from "../../kernel/index.js";

/**
 * What a shell with our hooks tells, as `OSC 633 ; KIND ; NONCE ; COUNT ; FLAGS ; TEXT` (the number that
 * terminals know for shell integration; nonce and count are ours). Whoever only prints knows neither.
 */
export type Mark =
  /** The hooks are set up. */
  | { readonly kind: "ready"; readonly count: number; readonly shell: string }
  /** This command line begins to run. */
  | {
      readonly kind: "executing";
      readonly count: number;
      readonly text: string;
      /** The shell cut the text. */
      readonly cut: boolean;
      /** The shell can not tell what it runs: `text` is what it ran before. */
      readonly unsure: boolean;
    }
  /** A prompt is about to be shown. */
  | {
      readonly kind: "prompt";
      readonly count: number;
      readonly exitCode: number;
      readonly cwd: string;
    };

/** Reads the body of an OSC 633; null: it is none of ours. */
export function readMark(body: Uint8Array, nonce: string): Mark | null {
  const [kind = "", secret = "", number = "", flags = "", ...rest] = decodeUtf8(body).split(";");
  if (!isSame(secret, nonce) || rest.length !== 1 || !COUNT.test(number)) return null;
  const count = Number(number);
  const written = rest[0] ?? "";
  const text = flags.endsWith("%") ? fromPercent(written) : fromBackslash(written);
  switch (kind) {
    case "R":
      return { kind: "ready", count, shell: flags.replace("%", "") };
    case "E":
      return {
        kind: "executing",
        count,
        text,
        cut: flags.includes("c"),
        unsure: flags.startsWith("u"),
      };
    case "D":
      return { kind: "prompt", count, exitCode: Number.parseInt(flags, 10) || 0, cwd: text };
    default:
      return null;
  }
}

/** A shell that counts further than this was not left alone. */
const COUNT = /^\d{1,12}$/;

/** In a time that does not tell how much of it is right. */
function isSame(given: string, secret: string): boolean {
  let differing = given.length ^ secret.length;
  for (let i = 0; i < secret.length; i += 1)
    differing |= given.charCodeAt(i) ^ secret.charCodeAt(i);
  return differing === 0;
}

/** `\\` and `\xHH`, as bash and zsh write them. */
function fromBackslash(written: string): string {
  return written.replace(/\\(?:\\|x([0-9a-f]{2}))/g, (_, hex: string | undefined) =>
    hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** fish writes each byte but letters and digits as `%HH`. */
function fromPercent(written: string): string {
  const bytes: number[] = [];
  for (let i = 0; i < written.length; i += 1) {
    const hex = written.slice(i + 1, i + 3);
    if (written[i] === "%" && /^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      i += 2;
    } else bytes.push(written.charCodeAt(i) & 0xff);
  }
  return decodeUtf8(Uint8Array.from(bytes));
}
