import { unreachable } from "../kernel/index.js";
import {
  chainHash,
  GENESIS,
  parseDigest,
  parseLine,
  parseRecord,
  payloadDigest,
  type PublicKeyRef,
  type SealedLine,
  type SealedRecord,
} from "./chain.js";
import { isHandover, isItself, sealStatement, verifySignature } from "./signing-keys.js";

/** Follows a log line by line and says at which record it stops to be what was written. */
export interface ChainWalker {
  /** Null when the line stands where it was written; after a flaw the walk is over. */
  line(text: string): Flaw | null;
  /** What is known after the lines so far. */
  readonly position: ChainPosition;
}

export interface ChainPosition {
  /** Number that the next record must have; null before the first. */
  readonly next: number | null;
  /** Hash of the last record. */
  readonly head: string;
  readonly segment: number | null;
  /** The key that signs now. */
  readonly key: PublicKeyRef | null;
  /** The key that signed at the beginning of this walk. */
  readonly firstKey: PublicKeyRef | null;
  /** Number of the first record that no signature speaks for yet. */
  readonly unsealedFrom: number | null;
  /** Number of the first record of this walk. */
  readonly first: number | null;
}

export interface Flaw {
  readonly what: FlawKind;
  /** Number that the record at fault has, or should have had. */
  readonly record: number;
  readonly message: string;
}

export type FlawKind =
  /** No line of a sealed log. */
  | "unreadable"
  /** The payload or its hash was altered. */
  | "changed"
  /** Records before this one are not there: deleted, or moved behind it. */
  | "missing"
  /** A record that was there already, or one put between. */
  | "out-of-place"
  | "bad-signature"
  | "unknown-key"
  /** The last line has no end. */
  | "torn"
  /** The log ends before the head that is known from elsewhere. */
  | "cut";

export interface WalkOptions {
  /** Ids of keys that may begin a log; absent: the first key is believed. */
  readonly trusted?: readonly string[];
  /** An excerpt: of records that are nobody's business there are only the digests. */
  readonly excerpt?: boolean;
}

export function createChainWalker(options: WalkOptions = {}): ChainWalker {
  let next: number | null = null;
  let head = GENESIS;
  let segment: number | null = null;
  let key: PublicKeyRef | null = null;
  let firstKey: PublicKeyRef | null = null;
  let unsealedFrom: number | null = null;
  let first: number | null = null;

  function line(text: string): Flaw | null {
    const parsed = parseLine(text);
    const digest = options.excerpt === true && parsed !== null ? parseDigest(parsed.payload) : null;
    if (digest !== null && parsed !== null && next !== null) return passOver(parsed.hash, digest);
    const record = parsed === null ? null : parseRecord(parsed.payload);
    if (parsed === null || record === null) {
      return flaw("unreadable", next ?? 0, "is not a record of a sealed log");
    }
    if (next === null) begin(record);
    return misplaced(parsed, record) ?? wrong(record) ?? take(parsed, record);
  }

  function passOver(hash: string, digest: Uint8Array): Flaw | null {
    const expected = next ?? 0;
    if (chainHash(head, digest) !== hash) return flaw("changed", expected, "was altered");
    head = hash;
    next = expected + 1;
    return null;
  }

  /** The first line of a walk may be in the middle of a log: of older segments nothing is known. */
  function begin(record: SealedRecord): void {
    next = record.n;
    first = record.n;
    unsealedFrom = record.n;
    if (record.kind === "open" && record.n > 0) head = record.previous;
  }

  function misplaced(parsed: SealedLine, record: SealedRecord): Flaw | null {
    const expected = next ?? 0;
    const rightHash = chainHash(head, payloadDigest(parsed.payload)) === parsed.hash;
    if (rightHash && record.n === expected) return null;
    if (record.n > expected) {
      const last = record.n - 1;
      const which = last === expected ? String(expected) : `${String(expected)} to ${String(last)}`;
      return flaw("missing", expected, `is not where it was written (gone or moved: ${which})`);
    }
    if (record.n < expected) {
      return flaw("out-of-place", expected, `stands where a record ${String(record.n)} was put`);
    }
    return flaw("changed", expected, "or its hash was altered, or another was put in its place");
  }

  function wrong(record: SealedRecord): Flaw | null {
    switch (record.kind) {
      case "event":
        return null;
      case "open":
        return wrongOpening(record);
      case "seal": {
        const statement = sealStatement(record.head, record.n);
        if (record.head !== head || key === null || record.key !== key.id) {
          return flaw("bad-signature", record.n, "is a seal of something else");
        }
        return verifySignature(key, statement, record.signature)
          ? null
          : flaw(
              "bad-signature",
              record.n,
              `is a false seal: a record since ${sealedUpTo()} was altered`,
            );
      }
      case "rotate": {
        return key !== null && record.head === head && isHandover(key, record)
          ? null
          : flaw("unknown-key", record.n, "brings a key that the one before did not sign");
      }
      default:
        return unreachable(record);
    }
  }

  function wrongOpening(record: SealedRecord & { kind: "open" }): Flaw | null {
    if (record.previous !== head) {
      return flaw("missing", record.n, "opens a segment that does not follow the one before");
    }
    const known =
      key === null
        ? (options.trusted ?? [record.key.id]).includes(record.key.id)
        : key.id === record.key.id;
    return known && isItself(record.key)
      ? null
      : flaw("unknown-key", record.n, `names the key ${record.key.id}, which nobody vouches for`);
  }

  function take({ hash }: SealedLine, record: SealedRecord): null {
    head = hash;
    next = record.n + 1;
    if (record.kind === "open") {
      segment = record.segment;
      key = record.key;
      firstKey ??= key;
    } else if (record.kind === "rotate") key = record.to;
    else if (record.kind === "seal") unsealedFrom = record.n + 1;
    return null;
  }

  const sealedUpTo = (): string => String(unsealedFrom ?? 0);

  return {
    line,
    get position() {
      return { next, head, segment, key, firstKey, unsealedFrom, first };
    },
  };
}

function flaw(what: FlawKind, record: number, message: string): Flaw {
  return { what, record, message: `record ${String(record)} ${message}` };
}
