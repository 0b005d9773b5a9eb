import { createHash } from "node:crypto";
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import { createChainWalker, type Flaw } from "./chain-walker.js";
import {
  digestPayload,
  formatLine,
  parseLine,
  parseRecord,
  type PublicKeyRef,
  type SealedLine,
  type SealedRecord,
} from "./chain.js";
import { keyIdOfEvent, showPrivate, type FieldKey, type LoggedEvent } from "./private-fields.js";
import { writeWhole } from "./replace-file.js";
import { listSegments, readLines } from "./segments.js";
import { readSessionKeys } from "./session-keys.js";
import { isHandover, openSigningKey, verifySignature } from "./signing-keys.js";

/**
 * Everything about one session in one folder, for somebody who has neither the log nor its keys:
 * - events.ndjson: its events, readable
 * - chain.ndjson: its records in the chain, with mere digests of the records of others, from the
 *   beginning of a segment to the first seal behind the last of them
 * - session-keys.json: opens the personal fields of this session, of no other
 * - recordings: copies
 * - MANIFEST.json: SHA-256 of each of these, signed by the key of the log; where that is a later one than
 *   the key that sealed the excerpt, with the records by which each key handed over to the next
 */
export interface EvidenceOrder {
  readonly dir: string;
  readonly session: string;
  readonly out: string;
  readonly recordings: readonly string[];
}

export interface Evidence {
  readonly events: number;
  /** Events whose personal fields were erased: they are in the chain, not in events.ndjson. */
  readonly erased: number;
  readonly key: string;
  readonly files: readonly string[];
}

const MANIFEST = "MANIFEST.json";
const CHAIN = "chain.ndjson";
const EVENTS = "events.ndjson";
const KEYS = "session-keys.json";

export function isEvidence(files: readonly string[]): boolean {
  return files.includes(MANIFEST) && files.includes(CHAIN);
}

/** `out` must not exist yet. An event behind the newest seal waits for the next one. */
export function exportEvidence(order: EvidenceOrder): Result<Evidence, Fault> {
  const keys = readSessionKeys(join(order.dir, "keys"), order.session);
  if (!keys.ok) return keys;
  try {
    const span = spanOf(order);
    if (span === null) {
      const message = `no sealed record of the session ${order.session} in ${order.dir}`;
      return err(fault("CHP_SEALING_NO_LOG", message));
    }
    mkdirSync(order.out, { mode: 0o700 });
    return write(order, span, keys.value);
  } catch (error) {
    const reason = describeError(error);
    return err(fault("CHP_SEALING_WRITE", `${order.out}: ${reason}`));
  }
}

/** The records that an excerpt needs, by number. */
interface Span {
  readonly from: number;
  readonly to: number;
  /** The handovers behind the excerpt, oldest first. */
  readonly handovers: readonly Handover[];
  /** Id of the key that signs now. */
  readonly key: string;
}

type Handover = SealedRecord & { readonly kind: "rotate" };

interface LogRecord {
  readonly line: SealedLine;
  readonly record: SealedRecord;
}

function* recordsOf(dir: string): Generator<LogRecord> {
  for (const { file } of listSegments(dir)) {
    for (const { text, whole } of readLines(join(dir, file))) {
      const line = whole ? parseLine(text) : null;
      const record = line === null ? null : parseRecord(line.payload);
      if (line !== null && record !== null) yield { line, record };
    }
  }
}

function spanOf({ dir, session }: EvidenceOrder): Span | null {
  let opening = 0;
  let first: number | null = null;
  let open = false;
  let end: number | null = null;
  let key = "";
  let handovers: Handover[] = [];
  for (const { record } of recordsOf(dir)) {
    if (record.kind === "open" && first === null) opening = record.n;
    if (record.kind === "open") key = record.key.id;
    if (record.kind === "rotate") {
      key = record.to.id;
      handovers.push(record);
    }
    if (record.kind === "event" && record.event["subject"] === session) {
      first ??= opening;
      open = true;
    }
    if (record.kind === "seal" && open) {
      end = record.n;
      open = false;
      handovers = [];
    }
  }
  return first === null || end === null ? null : { from: first, to: end, handovers, key };
}

function write(
  order: EvidenceOrder,
  span: Span,
  keys: ReadonlyMap<string, FieldKey>,
): Result<Evidence, Fault> {
  const signing = openSigningKey(join(order.dir, "keys"), span.key);
  if (!signing.ok) return signing;
  const written = writeChain(order, span, keys);
  const shown = [...keys.values()].map(({ id, bytes }) => ({
    id,
    key: Buffer.from(bytes).toString("base64"),
  }));
  writeFileSync(join(order.out, KEYS), `${JSON.stringify(shown)}\n`, { mode: 0o600 });
  const copies = order.recordings.map((path) => {
    copyFileSync(path, join(order.out, basename(path)));
    return basename(path);
  });
  const files = [CHAIN, EVENTS, KEYS, ...copies];
  const statement = JSON.stringify({
    session: order.session,
    files: Object.fromEntries(files.map((file) => [file, digestOf(join(order.out, file))])),
    handovers: span.handovers,
  } satisfies Statement);
  const signature = signing.value.sign(manifestStatement(statement));
  const manifest: Manifest = { statement, key: signing.value.public, signature };
  writeFileSync(join(order.out, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, {
    mode: 0o600,
  });
  return ok({ ...written, key: span.key, files: [...files, MANIFEST] });
}

function writeChain(
  { dir, session, out }: EvidenceOrder,
  span: Span,
  keys: ReadonlyMap<string, FieldKey>,
): { readonly events: number; readonly erased: number } {
  const chain = openSync(join(out, CHAIN), "wx", 0o600);
  const events = openSync(join(out, EVENTS), "wx", 0o600);
  let told = 0;
  let erased = 0;
  try {
    for (const { line, record } of recordsOf(dir)) {
      if (record.n < span.from || record.n > span.to) continue;
      const foreign = record.kind === "event" && record.event["subject"] !== session;
      const payload = foreign ? digestPayload(line.payload) : line.payload;
      writeWhole(chain, Buffer.from(formatLine({ hash: line.hash, payload }), "latin1"));
      if (record.kind !== "event" || foreign) continue;
      const shown = shownWith(record.event, keys);
      if (shown === null) erased += 1;
      else {
        writeWhole(events, Buffer.from(`${JSON.stringify(shown)}\n`));
        told += 1;
      }
    }
  } finally {
    closeSync(chain);
    closeSync(events);
  }
  return { events: told, erased };
}

function shownWith(event: LoggedEvent, keys: ReadonlyMap<string, FieldKey>): LoggedEvent | null {
  const id = keyIdOfEvent(event);
  if (id === null) return event;
  const key = keys.get(id);
  return key === undefined ? null : showPrivate(event, key.bytes);
}

export interface EvidenceReport {
  readonly session: string;
  readonly key: string;
  readonly events: number;
  readonly flaw: (Pick<Flaw, "message"> & { readonly file: string; readonly line: number }) | null;
}

/** Checks a folder made by exportEvidence with nothing but itself and, if known, the key's id. */
export function verifyEvidence(
  dir: string,
  trusted?: readonly string[],
): Result<EvidenceReport, Fault> {
  try {
    return ok(checkEvidence(dir, trusted));
  } catch (error) {
    const reason = describeError(error);
    return err(fault("CHP_SEALING_NO_LOG", `${dir}: ${reason}`));
  }
}

interface Manifest {
  readonly statement: string;
  readonly key: PublicKeyRef;
  readonly signature: string;
}

interface Statement {
  readonly session: string;
  readonly files: Readonly<Record<string, string>>;
  /** From the key that sealed the excerpt to the one that signs the manifest; absent in older evidence. */
  readonly handovers?: readonly Handover[];
}

function checkEvidence(dir: string, trusted?: readonly string[]): EvidenceReport {
  // Whatever it holds, the signature is checked before anything of it is used; a wrong shape throws.
  const manifest = JSON.parse(readFileSync(join(dir, MANIFEST), "utf8")) as Manifest;
  const { session, files, handovers = [] } = JSON.parse(manifest.statement) as Statement;
  const report = (events: number, flaw: EvidenceReport["flaw"]): EvidenceReport => ({
    session,
    key: manifest.key.id,
    events,
    flaw,
  });
  const statement = manifestStatement(manifest.statement);
  if (!verifySignature(manifest.key, statement, manifest.signature)) {
    return report(0, { file: MANIFEST, line: 1, message: "the manifest was altered" });
  }
  for (const [file, digest] of Object.entries(files)) {
    if (basename(file) !== file || digestOf(join(dir, file)) !== digest) {
      return report(0, { file, line: 1, message: "the file is not the one that was exported" });
    }
  }
  const walker = createChainWalker({
    excerpt: true,
    ...(trusted === undefined ? {} : { trusted }),
  });
  let events = 0;
  for (const line of readLines(join(dir, CHAIN))) {
    const flaw = walker.line(line.text);
    if (flaw !== null) return report(events, { ...flaw, file: CHAIN, line: line.number });
    const record = parseRecord(parseLine(line.text)?.payload ?? "");
    if (record?.kind === "event") events += 1;
  }
  const { key, unsealedFrom, next } = walker.position;
  if (handedOver(key, handovers)?.id !== manifest.key.id || unsealedFrom !== next) {
    const message =
      "the chain does not end with a seal of the key that signed the manifest, or of one that handed over to it";
    return report(events, { file: CHAIN, line: 1, message });
  }
  return report(events, differing(dir));
}

/** The key that signs after all of them; null when one was not signed by the key before. */
function handedOver(
  from: PublicKeyRef | null,
  handovers: readonly Handover[],
): PublicKeyRef | null {
  let key = from;
  for (const record of handovers) key = key !== null && isHandover(key, record) ? record.to : null;
  return key;
}

/** The readable events must be the ones of the chain. */
function differing(dir: string): EvidenceReport["flaw"] {
  const listed = JSON.parse(readFileSync(join(dir, KEYS), "utf8")) as readonly {
    readonly id: string;
    readonly key: string;
  }[];
  const keys = new Map(
    listed.map(({ id, key }) => [id, { id, bytes: Buffer.from(key, "base64") }] as const),
  );
  const told = readFileSync(join(dir, EVENTS), "utf8").split("\n").slice(0, -1);
  let at = 0;
  for (const line of readLines(join(dir, CHAIN))) {
    const record = parseRecord(parseLine(line.text)?.payload ?? "");
    if (record?.kind !== "event") continue;
    const shown = shownWith(record.event, keys);
    if (shown === null) continue;
    if (told[at] !== JSON.stringify(shown)) {
      return { file: EVENTS, line: at + 1, message: "the event is not the one of the chain" };
    }
    at += 1;
  }
  return at === told.length
    ? null
    : { file: EVENTS, line: at + 1, message: "the event is not in the chain" };
}

function digestOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function manifestStatement(statement: string): Uint8Array {
  return Buffer.from(`chaperone evidence\n${statement}\n`);
}
