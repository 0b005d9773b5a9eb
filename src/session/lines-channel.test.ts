import { describe, expect, it } from "vitest";
import { channelId, encodeUtf8, micros, wallMicros } from "../kernel/index.js";
import type { Effect } from "../model/index.js";
import { createCommandDesk } from "./command-desk.js";
import { createGraces } from "./graces.js";
import { createLinesChannel } from "./lines-channel.js";
import { createOutbox } from "./outbox.js";
import { seedOf } from "./seed.testing.js";

interface Fed {
  readonly told: readonly (readonly [string, string | undefined])[];
  readonly sent: number;
  readonly closed: boolean;
  readonly judged: number;
}

function feed(script: string): Fed {
  const seed = seedOf();
  const outbox = createOutbox(seed.facts, 0);
  outbox.begin({ at: micros(1), wall: wallMicros(1) });
  const desk = createCommandDesk(seed, outbox, createGraces(outbox));
  let judged = 0;
  const channel = createLinesChannel({
    id: channelId(1),
    kind: "exec",
    outbox,
    desk: {
      ...desk,
      judge(command) {
        judged += 1;
        return desk.judge(command);
      },
    },
    gated: () => false,
    ask: () => undefined,
    surface: () => null,
    killSession: () => undefined,
    suspendSession: () => undefined,
  });
  channel.client(encodeUtf8(script));
  channel.eof();
  const effects = outbox.take();
  const sent = (effect: Effect): number =>
    effect.kind === "send-to-target" ? effect.bytes.length : 0;
  return {
    told: effects.flatMap((effect) =>
      effect.kind === "emit" && effect.event.type === "command.entered"
        ? [[effect.event.data.decision, effect.event.data.text] as const]
        : [],
    ),
    sent: effects.reduce((all, effect) => all + sent(effect), 0),
    closed: effects.some((effect) => effect.kind === "close-channel"),
    judged,
  };
}

const LINES = 2_000;
const body = (line: string): string => `${line}\n`.repeat(LINES);

describe("a long here-document piped into a shell", () => {
  it("is text, whatever it says, and costs one look", () => {
    const script = `cat > note <<EOF\n${body("rm -rf precious")}EOF\necho x\n`;
    const fed = feed(script);
    expect(fed.told).toEqual([
      ["allowed", script.slice(0, script.indexOf("\necho x"))],
      ["allowed", "echo x"],
    ]);
    expect(fed.sent).toBe(script.length);
    expect(fed.judged).toBeLessThan(5);
  });

  it.each(["bash", "cat | sh", "ssh other", "python3"])(
    "is not let pass unread when %s reads it",
    (reader) => {
      const fed = feed(
        `${reader} <<'EOF'\n${body("echo:aaaaaaaaaaaaaaaaaa")}rm -rf precious\nEOF\n`,
      );
      expect(fed).toMatchObject({ closed: true, sent: 0 });
    },
  );

  it("does not hide what follows it in the same command", () => {
    const fed = feed(`{ cat <<EOF\n${body("a line of text")}EOF\nrm -rf precious\n}\n`);
    expect(fed).toMatchObject({ closed: true, sent: 0 });
  });

  it("does not hide what it substitutes", () => {
    const fed = feed(`cat <<EOF\n${body("a-line-of-text")}$(rm -rf precious)\nEOF\n`);
    expect(fed).toMatchObject({ closed: true, sent: 0 });
  });

  it("ends where the shell ends it", () => {
    const fed = feed(`cat <<-EOF\n${body("EOF2")}\t\tEOF\nrm -rf precious\n${body("EOF")}`);
    expect(fed.told.at(-1)).toEqual(["blocked", "rm -rf precious"]);
  });
});

describe("a long quoted text piped into a shell", () => {
  it("is not read again at each of its lines", () => {
    const fed = feed(`echo '${"a\n".repeat(LINES)}'\n`);
    expect(fed.told).toHaveLength(1);
    expect(fed.judged).toBeLessThan(LINES / 10);
  });
});
