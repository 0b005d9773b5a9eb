/** A part of a multipart body (RFC 7578) as it begins; `filename` only of files. */
export interface PartHead {
  readonly name: string;
  readonly filename?: string;
}

export interface PartSink {
  /** A part begins; what comes until `end` is its content. */
  begin(head: PartHead): void;
  data(bytes: Uint8Array): void;
  end(): void;
}

/** Splits a multipart body into its parts while it passes. */
export interface MultipartScanner {
  /** False: it is no multipart body (any more), and nothing further is told. */
  feed(bytes: Uint8Array): boolean;
  /** True: the closing boundary was seen. */
  readonly whole: boolean;
}

/** Headers of one part: a name, a file name and a type. */
const PART_HEAD_BYTES_MAX = 16 * 1024;
const PARTS_MAX = 1_024;

/** The boundary of a content type; null when there is none or it is malformed (RFC 2046 section 5.1.1). */
export function boundaryOf(contentType: string): string | null {
  if (contentType.match(/;\s*boundary\b/gi)?.length !== 1) return null;
  const match = /;\s*boundary\s*=\s*(?:"(?<quoted>[^"\r\n]{1,70})"|(?<plain>[^\s;"]{1,70}))/i.exec(
    contentType,
  );
  const boundary = match?.groups?.["quoted"] ?? match?.groups?.["plain"];
  return boundary !== undefined && /^[\w'()+,./:=? -]+$/.test(boundary) ? boundary : null;
}

/** Linear in its input: a search for the boundary in what came, with its length kept back between pieces. */
export function createMultipartScanner(boundary: string, sink: PartSink): MultipartScanner {
  const mark = Buffer.from(`\r\n--${boundary}`, "latin1");
  // The first boundary has no line end before it: as if there were one.
  let rest: Buffer = Buffer.from("\r\n");
  let state: "before" | "boundary" | "head" | "content" | "after" | "broken" = "before";
  let parts = 0;
  /** A part whose end is not sure yet. */
  let open = false;

  function run(): boolean {
    for (;;) {
      switch (state) {
        case "before":
        case "content":
          if (!content()) return true;
          break;
        case "boundary":
          if (!afterBoundary()) return true;
          break;
        case "head":
          if (!head()) return true;
          break;
        case "after":
          rest = Buffer.alloc(0);
          return true;
        case "broken":
          rest = Buffer.alloc(0);
          return false;
      }
    }
  }

  /** Each of these answers false when it needs more bytes. */
  function content(): boolean {
    const at = rest.indexOf(mark);
    const inPart = state === "content";
    if (at < 0) {
      const keep = Math.min(rest.length, mark.length - 1);
      if (inPart && rest.length > keep) sink.data(rest.subarray(0, rest.length - keep));
      rest = rest.subarray(rest.length - keep);
      return false;
    }
    if (inPart && at > 0) sink.data(rest.subarray(0, at));
    // No browser writes anything before the first boundary, and readers differ in where that is then.
    if (!inPart && at > 0) {
      state = "broken";
      return true;
    }
    open = inPart;
    rest = rest.subarray(at + mark.length);
    state = "boundary";
    return true;
  }

  function afterBoundary(): boolean {
    if (rest.length < 2) return false;
    const next = rest.toString("latin1", 0, 2);
    // Readers differ in whether `--boundaryX` ends a part: what can be read in two ways is not read.
    if (next !== "--" && next !== "\r\n") {
      state = "broken";
      return true;
    }
    if (open) sink.end();
    open = false;
    if (next === "--") state = "after";
    else {
      rest = rest.subarray(2);
      state = "head";
    }
    return true;
  }

  function head(): boolean {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) {
      if (rest.length > PART_HEAD_BYTES_MAX) state = "broken";
      return state === "broken";
    }
    const part = partHead(rest.toString("utf8", 0, end));
    parts += 1;
    if (part === null || end > PART_HEAD_BYTES_MAX || parts > PARTS_MAX) {
      state = "broken";
      return true;
    }
    rest = rest.subarray(end + 4);
    sink.begin(part);
    state = "content";
    return true;
  }

  return {
    feed(bytes) {
      if (state === "broken") return false;
      rest = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
      return run();
    },
    get whole() {
      return state === "after";
    },
  };
}

/** Null: it can be read in two ways, and is read in none. */
function partHead(text: string): PartHead | null {
  const lines = text.split("\r\n");
  if (!lines.every((line) => LINE.test(line))) return null;
  const coded = lines.filter((line) => /^content-transfer-encoding:/i.test(line));
  if (!coded.every((line) => /:\s*(?:7bit|8bit|binary)\s*$/i.test(line))) return null;
  const [disposition, ...others] = lines.filter((line) => /^content-disposition:/i.test(line));
  if (disposition === undefined || others.length > 0 || !DISPOSITION.test(disposition)) return null;
  const names = valuesOf(disposition, "name");
  const filenames = valuesOf(disposition, "filename");
  const [name] = names;
  const [filename] = filenames;
  if (name === undefined || name.includes("\\")) return null;
  if (names.length > 1 || filenames.length > 1) return null;
  return filename === undefined ? { name } : { name, filename };
}

const LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:/;

/** The whole of the line, so that a quote that is none for somebody hides no second name. */
const DISPOSITION =
  /^[^:]+:\s*form-data(?:\s*;\s*(?!name\*)[\w-]+\*?\s*=\s*(?:"(?:[^"\\\r\n]|\\(?!"))*"|[^\s;"'][^\s;"]*))*\s*;?\s*$/i;

/** As browsers write them (WHATWG): in quotes, with `%22` for a quote. */
function valuesOf(text: string, wanted: string): readonly string[] {
  const one = new RegExp(`;\\s*${wanted}\\s*=\\s*(?:"([^"\\r\\n]*)"|([^\\s;"]+))`, "gi");
  return [...text.matchAll(one)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? "").replaceAll("%22", '"').replace(/%0[AD]/gi, " "),
  );
}

/** Fields of a whole body; null when it is malformed. Files have a name and no value. */
export function readMultipart(
  contentType: string,
  bytes: Uint8Array,
): readonly { readonly name: string; readonly value?: string }[] | null {
  const boundary = boundaryOf(contentType);
  if (boundary === null) return null;
  const fields: { name: string; value?: string }[] = [];
  let current: { readonly head: PartHead; readonly pieces: Buffer[] } | null = null;
  const scanner = createMultipartScanner(boundary, {
    begin: (head) => (current = { head, pieces: [] }),
    data: (piece) => void current?.pieces.push(Buffer.from(piece)),
    end() {
      if (current === null) return;
      const { head, pieces } = current;
      const value = Buffer.concat(pieces).toString("utf8");
      fields.push(head.filename === undefined ? { name: head.name, value } : { name: head.name });
      current = null;
    },
  });
  return scanner.feed(bytes) && scanner.whole ? fields : null;
}
