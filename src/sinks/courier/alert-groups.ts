import type { ToldEvent } from "../told-event.js";

/**
 * Tells a flood of alerts of one rule as one: the first goes out at once, those of the following
 * window are counted, and the last of them goes out with the count when the window ends.
 */
export interface AlertGroups {
  /** `pass`: tell it now. `held`: it will be told with others. `at` is its position in the outbox. */
  add(event: ToldEvent, at: number, nowMs: number): "pass" | "held";
  /** What is to be told now because its window has ended, oldest first. */
  takeDue(nowMs: number): readonly ToldEvent[];
  /** Everything that is held, before the sink is closed. */
  takeAll(): readonly ToldEvent[];
  /** When the next window ends; null when none is open. */
  readonly nextDueMs: number | null;
  /** Position of the first event that is held: the cursor must not pass it. */
  readonly heldFrom: number | null;
}

interface Group {
  readonly endsMs: number;
  held: {
    readonly from: number;
    readonly firstId: string;
    readonly sinceMs: number;
    last: ToldEvent;
    count: number;
  } | null;
}

/** Rules that alert at the same time; one more is told without grouping. */
const GROUPS_MAX = 1_000;

export function createAlertGroups(windowMs: number): AlertGroups {
  const groups = new Map<string, Group>();

  return {
    add(event, at, nowMs) {
      if (event.type !== "rule.matched") return "pass";
      const key = event.data.rule.id;
      const group = groups.get(key);
      if (group === undefined) {
        if (groups.size < GROUPS_MAX) groups.set(key, { endsMs: nowMs + windowMs, held: null });
        return "pass";
      }
      if (group.held === null) {
        const { id: firstId, timeMs: sinceMs } = event;
        group.held = { from: at, firstId, sinceMs, last: event, count: 1 };
      } else {
        group.held.last = event;
        group.held.count += 1;
      }
      return "held";
    },
    takeDue(nowMs) {
      const due: ToldEvent[] = [];
      for (const [key, group] of groups) {
        if (group.endsMs > nowMs) continue;
        groups.delete(key);
        if (group.held === null) continue;
        due.push(told(group.held));
        // It goes on: what follows is counted again, not told one by one.
        groups.set(key, { endsMs: nowMs + windowMs, held: null });
      }
      return due;
    },
    takeAll() {
      const all = [...groups.values()].flatMap(({ held }) => (held === null ? [] : [told(held)]));
      groups.clear();
      return all;
    },
    get nextDueMs() {
      let next: number | null = null;
      for (const { endsMs } of groups.values()) next = Math.min(next ?? endsMs, endsMs);
      return next;
    },
    get heldFrom() {
      let from: number | null = null;
      for (const { held } of groups.values()) {
        if (held !== null) from = Math.min(from ?? held.from, held.from);
      }
      return from;
    },
  };
}

/** A single one is told as it is; several as the last of them, under an id of its own. */
function told({ last, count, firstId, sinceMs }: NonNullable<Group["held"]>): ToldEvent {
  if (count === 1) return last;
  const grouped = { count, firstId, sinceMs, untilMs: last.timeMs };
  return { ...last, id: `${firstId}-group-${count}`, grouped };
}
