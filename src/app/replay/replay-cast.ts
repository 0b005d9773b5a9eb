import type { EventEnvelope } from "../../events/index.js";
import {
  channelId,
  encodeUtf8,
  micros,
  MICROS_PER_SECOND,
  requestId,
  type Micros,
} from "../../kernel/index.js";
import type { InputBody } from "../../model/index.js";
import type { Cast, CastEvent, CastHeader } from "../../recording/index.js";
import { createSession } from "../../session/index.js";
import { asTyped, isDecision } from "./as-typed.js";
import { createStage, factsOf, replaySeed, type Replayed, type ReplayDeps } from "./stage.js";

/**
 * A recorded terminal through the very session that a live one goes through, at the pace of the
 * recording: every timer fires when it would have fired. Rules are in shadow, for what is over can not
 * be held; each `rule.matched` tells what it would have done.
 */
export function replayCast({ header, events }: Cast, deps: ReplayDeps): Replayed {
  const player = createPlayer(header, deps);
  const decided = events.filter(isDecision).map(({ seconds, data }) => ({ seconds, label: data }));
  player.begin();
  for (const event of asTyped(events)) player.feed(event);
  player.end(events.at(-1)?.seconds ?? 0);
  return {
    events: player.told,
    decided,
    blind: !events.some(({ code }) => code === "i"),
  };
}

interface Player {
  readonly told: readonly EventEnvelope[];
  begin(): void;
  feed(event: CastEvent): void;
  end(seconds: number): void;
}

/** Room for what a timer of the session may wait for after the last entry. */
const TAIL_SECONDS = 5;

function createPlayer(header: CastHeader, deps: ReplayDeps): Player {
  const stage = createStage(createSession(replaySeed(factsOf(header), deps)), header, deps);
  const { told, step, runUntil } = stage;
  const channel = channelId(header.channel);
  let request = 0;

  function ask(at: Micros, asked: Extract<InputBody, { kind: "request-asked" }>["asked"]): void {
    request += 1;
    step(at, { kind: "request-asked", channel, request: requestId(request), asked });
  }

  return {
    told,
    begin() {
      const at = micros(0);
      step(at, { kind: "opened" });
      const asked = { type: "session" } as const;
      step(at, { kind: "channel-asked", channel, request: requestId(0), asked });
      ask(at, { type: "pty", pty: ptyOf(header) });
      ask(
        at,
        header.command === undefined
          ? { type: "shell" }
          : { type: "exec", command: header.command },
      );
    },
    feed({ seconds, code, data }) {
      const at = micros(Math.round(seconds * MICROS_PER_SECOND));
      runUntil(at);
      if (code === "o")
        step(at, { kind: "target-sent", channel, stream: "stdout", bytes: encodeUtf8(data) });
      else if (code === "i") step(at, { kind: "client-sent", channel, bytes: encodeUtf8(data) });
      else if (code === "r") {
        const [columns = header.columns, rows = header.rows] = data.split("x").map(Number);
        ask(at, { type: "window-change", size: { columns, rows } });
      }
    },
    end(seconds) {
      const at = micros(Math.round((seconds + TAIL_SECONDS) * MICROS_PER_SECOND));
      runUntil(at);
      step(at, { kind: "target-exited", channel, exit: { type: "none" } });
      const bytes = { toTarget: 0, toPerson: 0 };
      step(at, { kind: "channel-closed", channel, bytes, reason: "the recording ends" });
      step(at, { kind: "disconnected", reason: "the recording ends" });
    },
  };
}

function ptyOf({ term, columns, rows }: CastHeader) {
  return { term, columns, rows, widthPixels: 0, heightPixels: 0, modes: {} };
}
