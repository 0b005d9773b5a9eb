import { createHitMemory, type HitMark, type HitMemory } from "../../rules/index.js";

/**
 * What rules that count by person, account, target or origin remember goes on over sessions. The parent
 * keeps it as long as the sidecar runs; every session process has a copy, which it reads without
 * waiting and which follows within milliseconds: of two hits in the same moment in two processes, each
 * may not yet count the other.
 */

/** From a session process to the parent. */
export interface HitBooked {
  readonly kind: "book-hit";
  /** The process, so that it is not told its own hit again. */
  readonly from: number;
  readonly mark: HitMark;
}

/** From the parent to all session processes. */
export interface HitNews {
  readonly kind: "hit";
  readonly from: number;
  readonly mark: HitMark;
}

export interface HitBook {
  /** All that is remembered, for a process that starts. */
  all(): readonly HitMark[];
  /** Takes a question of a session process when it is a hit; false when it is none. */
  take(question: unknown): boolean;
}

/** The parent's side. `tell` reaches every session process. */
export function createHitBook(tell: (news: HitNews) => void): HitBook {
  const memory = createHitMemory();
  return {
    all: () => memory.dump(),
    take(question) {
      if (!isHitBooked(question)) return false;
      memory.add(question.mark);
      tell({ kind: "hit", from: question.from, mark: question.mark });
      return true;
    },
  };
}

function isHitBooked(question: unknown): question is HitBooked {
  return (question as { readonly kind?: unknown } | null)?.kind === "book-hit"; // from our own workers
}

export interface SharedHits extends HitMemory {
  /** A hit of another process. */
  news(news: HitNews): void;
}

/** A session process's side; `book` tells the parent. */
export function createSharedHits(
  start: readonly HitMark[],
  own: { readonly process: number; readonly book: (hit: HitBooked) => void },
): SharedHits {
  const memory = createHitMemory();
  for (const mark of start) memory.add(mark);
  return {
    marks: (key) => memory.marks(key),
    dump: () => memory.dump(),
    add(mark) {
      memory.add(mark);
      own.book({ kind: "book-hit", from: own.process, mark });
    },
    news({ from, mark }) {
      if (from !== own.process) memory.add(mark);
    },
  };
}
