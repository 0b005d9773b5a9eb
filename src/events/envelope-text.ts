/** An event as `encodeEvent` wrote it, of which only the envelope has been read. */
export interface EventText {
  readonly id: string;
  /** Without prefix and version: `session.opened`. */
  readonly type: string;
  readonly subject: string;
  /** RFC 3339 with microseconds. */
  readonly time: string;
  readonly sequence: number;
  /** The whole event without its newline. */
  readonly text: string;
  /** Where the JSON of `data` begins; it ends one character before the text does. */
  readonly dataAt: number;
}

/**
 * Reads the envelope of an event without parsing what is in it: for lines of which a checksum says that they are
 * what was written. Null for what `encodeEvent` would have written otherwise; JSON may be that all the same.
 */
export function readEnvelope(text: string): EventText | null {
  const found = ENVELOPE.exec(text);
  if (found === null || !text.endsWith("}}")) return null;
  // Groups that always take part are strings.
  const [head, id = "", type = "", subject = "", time = "", sequence = ""] = found;
  return { id, type, subject, time, sequence: Number(sequence), text, dataAt: head.length };
}

/**
 * The fields in the order of `wrapEvent`. A name in which JSON has to escape something is left to a parser, and a
 * sequence has no more digits than a safe integer.
 */
const ENVELOPE =
  /^\{"specversion":"1\.0","id":"([^"\\]*)","source":"[^"\\]*","type":"io\.chaperone\.([a-z.-]+)\.v\d+","subject":"([^"\\]*)","time":"([^"\\]*)","datacontenttype":"application\/json","sequence":(\d{1,15}),"data":(?=\{)/;
