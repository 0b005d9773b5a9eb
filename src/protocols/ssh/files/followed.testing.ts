import { createHash } from "node:crypto";
import { decodeUtf8 } from "../../../kernel/index.js";
import type { FileAsked, FileDone, FileGrant } from "../../../model/index.js";
import type { FileAnswer, FileStream, FileStreamPorts } from "./file-stream.js";

export const PLAIN_GRANT: FileGrant = { sizes: [], content: false, end: false, sha256: false };
export const LOOKING: FileGrant = { sizes: [], content: true, end: true, sha256: true };

/** A decoder between two ends that only remember what reached them. */
export interface Followed {
  readonly stream: FileStream;
  toTarget(): Uint8Array;
  toPerson(): Uint8Array;
  personText(): string;
  readonly asked: FileAsked[];
  readonly done: FileDone[];
  readonly lost: string[];
  readonly swallowed: { person: number; target: number };
  /** Answers that wait, when `answer` gave none. */
  readonly waiting: ((answer: FileAnswer) => void)[];
}

/** `answer` gives null for an answer that comes later. */
export function follow(
  make: (ports: FileStreamPorts) => FileStream,
  answer: (asked: FileAsked) => FileAnswer | null = () => granted(),
): Followed {
  const target: Uint8Array[] = [];
  const person: Uint8Array[] = [];
  const followed = {
    asked: [] as FileAsked[],
    done: [] as FileDone[],
    lost: [] as string[],
    swallowed: { person: 0, target: 0 },
    waiting: [] as ((answer: FileAnswer) => void)[],
  };
  const stream = make({
    toTarget: (bytes) => target.push(bytes.slice()),
    toPerson: (bytes) => person.push(bytes.slice()),
    personSwallowed: (count) => (followed.swallowed.person += count),
    targetSwallowed: (count) => (followed.swallowed.target += count),
    ask(asked, answered) {
      followed.asked.push(asked);
      const now = answer(asked);
      if (now === null) followed.waiting.push(answered);
      else answered(now);
    },
    done: (done) => followed.done.push(done),
    lost: (reason) => followed.lost.push(reason),
    sha256() {
      const hash = createHash("sha256");
      return { update: (bytes) => void hash.update(bytes), finish: () => hash.digest("hex") };
    },
  });
  return {
    ...followed,
    stream,
    toTarget: () => joined(target),
    toPerson: () => joined(person),
    personText: () => decodeUtf8(joined(person)),
  };
}

export function granted(grant: FileGrant = PLAIN_GRANT): FileAnswer {
  return { type: "granted", grant };
}

export function refused(reason = "not here"): FileAnswer {
  return { type: "refused", reason };
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Cuts bytes at places that a property has chosen. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  );
  const out: Uint8Array[] = [];
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    if (end > from) out.push(bytes.slice(from, end));
    from = end;
  }
  return out;
}
