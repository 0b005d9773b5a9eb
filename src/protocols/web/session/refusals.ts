import { LRUCache } from "lru-cache";

/** Says which refusals are told: whoever sends rubbish must not fill the disk with events about it. */
export interface Refusals {
  /**
   * `missed`: how many of the same sender were not told since the last one that was. Null: this one is
   * not told, and counted.
   */
  take(sender: string, nowMs: number): { readonly missed: number } | null;
}

/** Told of one sender within a minute; a browser that is broken sends a handful. */
const SENDER_MAX = 100;
/** Told of all senders within a minute. */
const ALL_MAX = 1_000;
/** Senders that are remembered; the one that was longest quiet is forgotten with its count. */
const SENDERS_MAX = 1_024;
const WINDOW_MS = 60_000;

interface Count {
  began: number;
  told: number;
  missed: number;
}

export function createRefusals(): Refusals {
  const senders = new LRUCache<string, Count>({ max: SENDERS_MAX });
  const all: Count = { began: 0, told: 0, missed: 0 };

  function renew(count: Count, nowMs: number): void {
    if (nowMs - count.began < WINDOW_MS) return;
    count.began = nowMs;
    count.told = 0;
  }

  return {
    take(sender, nowMs) {
      const own = senders.get(sender) ?? { began: nowMs, told: 0, missed: 0 };
      senders.set(sender, own);
      renew(own, nowMs);
      renew(all, nowMs);
      if (own.told >= SENDER_MAX || all.told >= ALL_MAX) {
        own.missed += 1;
        return null;
      }
      own.told += 1;
      all.told += 1;
      const { missed } = own;
      own.missed = 0;
      return { missed };
    },
  };
}

/** What is said of those that were not told. */
export function withMissed(message: string, missed: number): string {
  return missed === 0 ? message : `${message} (and ${String(missed)} more that were not told)`;
}
