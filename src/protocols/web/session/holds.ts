import { randomBytes } from "node:crypto";
import type { WebVerdict } from "../../../model/index.js";
import type { HeldBody } from "../body/held-body.js";
import { HELD_REQUESTS_MAX } from "../limits.js";
import type { Reply } from "./reply.js";

/** A request whose browser was given a page to answer a question on; it goes on when it is asked for again. */
export interface Hold {
  readonly id: string;
  /** Path and query as the browser asked: where it has to come back to. */
  readonly url: string;
  readonly body: HeldBody | null;
  /** Null: the question is still open. */
  verdict: WebVerdict | null;
  /** Carries the request out, answering here. */
  readonly resume: (reply: Reply, verdict: WebVerdict) => void;
  /** Nobody came back for it. */
  readonly abandon: () => void;
}

/** The held requests of one session. */
export interface Holds {
  /** Null: too many are held. */
  add(hold: Omit<Hold, "id" | "verdict">): Hold | null;
  get(id: string): Hold | undefined;
  /** Takes the one that is settled, for this address: it is carried out once. */
  takeSettled(id: string, url: string): Hold | undefined;
  settled(hold: Hold, verdict: WebVerdict): void;
  /** Resolves when the hold is settled, or `changed` is called, or after the time. */
  wait(hold: Hold, ms: number): Promise<void>;
  /** What the pages show has changed. */
  changed(): void;
  drop(): void;
}

/** Whoever does not come back within this time after the answer has closed the page. */
const SETTLED_MS = 120_000;

export function createHolds(): Holds {
  const holds = new Map<string, Hold>();
  let waiting: (() => void)[] = [];

  function remove(hold: Hold): void {
    holds.delete(hold.id);
  }

  function wake(): void {
    const due = waiting;
    waiting = [];
    for (const one of due) one();
  }

  return {
    add(made) {
      if (holds.size >= HELD_REQUESTS_MAX) return null;
      const hold: Hold = { ...made, id: randomBytes(18).toString("base64url"), verdict: null };
      holds.set(hold.id, hold);
      return hold;
    },
    get: (id) => holds.get(id),
    takeSettled(id, url) {
      const hold = holds.get(id);
      if (hold?.verdict === undefined || hold.verdict === null || hold.url !== url)
        return undefined;
      remove(hold);
      return hold;
    },
    settled(hold, verdict) {
      hold.verdict = verdict;
      setTimeout(() => {
        if (holds.get(hold.id) !== hold) return;
        remove(hold);
        hold.abandon();
      }, SETTLED_MS).unref();
      wake();
    },
    wait: (hold, ms) =>
      new Promise((resolve) => {
        if (hold.verdict !== null) {
          resolve();
          return;
        }
        const timer = setTimeout(resolve, ms);
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
    changed: wake,
    drop() {
      for (const hold of holds.values()) hold.abandon();
      holds.clear();
      wake();
    },
  };
}
