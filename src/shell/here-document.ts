import { analyseLine } from "./analyse-line.js";
import { LINE_CHARS_MAX } from "./limits.js";
import { emptyLongQuotes } from "./syntax/open-quote.js";
import { forEachChild, parseScript, type HereDoc, type SyntaxNode } from "./syntax/parse-script.js";

/** A here-document whose end has not come yet. */
export interface OpenHereDocument {
  readonly delimiter: string;
  /** `<<-` */
  readonly stripsTabs: boolean;
  /** A line before ended in a backslash: lines can not be compared one by one any more. */
  readonly joining: boolean;
}

/** The only document that the text leaves open; null when there is none, or more than one. */
export function openHereDocument(text: string): OpenHereDocument | null {
  if (text.length > LINE_CHARS_MAX || !text.includes("<<")) return null;
  const parsed = parseScript(text);
  if (!parsed.ok) return null;
  const documents = hereDocuments(parsed.script);
  const [first] = documents;
  if (documents.length !== 1 || first?.closing !== undefined) return null;
  const opened = OPENING.exec(text.slice(0, text.indexOf("\n") + 1 || undefined));
  const delimiter = opened?.[2] ?? opened?.[3] ?? opened?.[4];
  if (opened === null || delimiter === undefined) return null;
  return { delimiter, stripsTabs: opened[1] === "-", joining: /\\\n/.test(text) };
}

/** `<<EOF`, `<<-'EOF'`, `<<"EOF"`: the ordinary ways to write it, once in the line. */
const OPENING = /^[^<'"`#\\]*<<(-?)[ \t]*(?:'(\w+)'|"(\w+)"|(\w+))(?![\w'"\\$`])[^<'"`\\]*$/;

/**
 * A command that is too long to read because of its here-document, with that document empty: when all
 * that reads it takes it as data. Null where it may be code: then the whole counts, unread.
 */
export function withoutBody(text: string): string | null {
  if (text.length <= LINE_CHARS_MAX) return null;
  const head = text.slice(0, text.indexOf("\n"));
  const opened = OPENING.exec(`${head}\n`);
  const delimiter = opened?.[2] ?? opened?.[3] ?? opened?.[4];
  if (opened === null || delimiter === undefined) return null;
  // Without quotes around the delimiter the shell runs what the document substitutes.
  if (opened[4] !== undefined && /[$`]/.test(text.slice(head.length))) return null;
  const short = `${head}\n${delimiter}${behind(text, delimiter, opened[1] === "-")}`;
  const readers = analyseLine(`${head}\n${delimiter}`, {}).invocations;
  const piped = analyseLine(short, {}).invocations.filter((one) => one.pipeFrom !== undefined);
  const isData = [...readers, ...piped].every(
    (one) => one.exec !== null && DATA_READERS.has(one.exec),
  );
  return isData && readers.length > 0 ? short : null;
}

/**
 * A command that is too long to read because of its quoted texts, with those emptied: when all that it
 * starts takes them as data. Null where they may be code.
 */
export function withoutLongTexts(text: string): string | null {
  if (text.length <= LINE_CHARS_MAX) return null;
  const short = emptyLongQuotes(text, LONG_TEXT_CHARS);
  if (short.length === text.length || short.length > LINE_CHARS_MAX) return null;
  const { invocations, unparsed } = analyseLine(short, {});
  const isData = invocations.every(
    (one) => one.exec !== null && (DATA_READERS.has(one.exec) || DATA_WRITERS.has(one.exec)),
  );
  return isData && unparsed === undefined && invocations.length > 0 ? short : null;
}

/** Shorter texts are read. */
const LONG_TEXT_CHARS = 1024;
const DATA_WRITERS: ReadonlySet<string> = new Set(["echo", "printf", ":", "true"]);

/** What follows the document belongs to the command, too. */
function behind(text: string, delimiter: string, stripsTabs: boolean): string {
  const end = new RegExp(`\\n${stripsTabs ? "\\t*" : ""}${delimiter}(?=\\n|$)`).exec(text);
  return end === null ? "" : text.slice(end.index + end[0].length);
}

/** They do nothing with what they read but show, store or count it. */
const DATA_READERS: ReadonlySet<string> = new Set(
  "cat tee dd head tail wc sort uniq cut base64 gzip gunzip sha256sum md5sum grep fold column".split(
    " ",
  ),
);

function hereDocuments(node: SyntaxNode): HereDoc[] {
  if (node.type === "HereDoc") return [node];
  const found: HereDoc[] = [];
  forEachChild(node, (child) => void found.push(...hereDocuments(child)));
  return found;
}
