import { MICROS_PER_MS, type ChannelId, type Micros } from "../../kernel/index.js";
import type { TimerName } from "../../model/index.js";
import type { Clock } from "../clock/index.js";

/** The timers of one session: at most one of each name and channel. */
export interface Timers {
  set(timer: TimerName, channel: ChannelId | null, at: Micros): void;
  clear(timer: TimerName, channel: ChannelId | null): void;
  clearAll(): void;
}

/** setTimeout takes 31 bits of ms; a later time is reached in several steps. */
const DELAY_MS_MAX = 2 ** 31 - 1;

export function createTimers(
  clock: Clock,
  fire: (timer: TimerName, channel: ChannelId | null) => void,
): Timers {
  const running = new Map<string, NodeJS.Timeout>();

  function clear(timer: TimerName, channel: ChannelId | null): void {
    const key = keyOf(timer, channel);
    clearTimeout(running.get(key));
    running.delete(key);
  }

  function set(timer: TimerName, channel: ChannelId | null, at: Micros): void {
    clear(timer, channel);
    const delayMs = Math.min(DELAY_MS_MAX, Math.max(0, (at - clock.now()) / MICROS_PER_MS));
    const handle = setTimeout(() => {
      running.delete(keyOf(timer, channel));
      // Timers of the platform may come a little early; the core is never told before `at`.
      if (clock.now() < at) set(timer, channel, at);
      else fire(timer, channel);
    }, Math.ceil(delayMs));
    running.set(keyOf(timer, channel), handle);
  }

  return {
    set,
    clear,
    clearAll() {
      for (const handle of running.values()) clearTimeout(handle);
      running.clear();
    },
  };
}

function keyOf(timer: TimerName, channel: ChannelId | null): string {
  return `${timer}:${channel ?? "session"}`;
}
