import { describe, expect, it } from "vitest";
import { channelId, encodeUtf8, micros, wallMicros } from "../kernel/index.js";
import type { Effect } from "../model/index.js";
import { createCommandDesk } from "./command-desk.js";
import { createGraces } from "./graces.js";
import { createLinesChannel, LAST_OUTPUT_WAIT_MS } from "./lines-channel.js";
import { createOutbox } from "./outbox.js";
import { seedOf } from "./seed.testing.js";
import { createSessionFiles } from "./session-files.js";

interface Fed {
  readonly told: readonly (readonly [string, string | undefined])[];
  readonly sent: number;
  readonly closed: boolean;
  readonly judged: number;
}

/** The pieces arrive one after the other, then the end of input. */
function feed(...pieces: readonly string[]): Fed {
  const seed = seedOf();
  const outbox = createOutbox(seed.facts, 0);
  outbox.begin({ at: micros(1), wall: wallMicros(1) });
  const desk = createCommandDesk(seed, outbox, createGraces(outbox));
  let judged = 0;
  const channel = createLinesChannel({
    id: channelId(1),
    kind: "exec",
    knowledge: createSessionFiles().fresh(),
    outbox,
    desk: {
      counts: desk.counts,
      memory: desk.memory,
      behaviour: desk.behaviour,
      tell: (judgement, told) => desk.tell(judgement, told),
      grantGrace: (judgement) => desk.grantGrace(judgement),
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
  for (const piece of pieces) channel.client(encodeUtf8(piece));
  channel.eof();
  const before = outbox.take();
  channel.exited({ type: "code", code: 0 });
  const effects = [...before, ...outbox.take()];
  const sent = (effect: Effect): number =>
    effect.kind === "send-to-target" ? effect.bytes.length : 0;
  return {
    told: effects.flatMap((effect) =>
      effect.kind === "emit" && effect.event.type === "command.entered"
        ? [[effect.event.data.decision, effect.event.data.text] as const]
        : [],
    ),
    sent: effects.reduce((all, effect) => all + sent(effect), 0),
    closed: effects.some(
      (effect) =>
        effect.kind === "close-channel" && effect.exit.type === "code" && effect.exit.code === 126,
    ),
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

describe("a refused command on stdin", () => {
  function refuse(): {
    effects: () => readonly Effect[];
    channel: ReturnType<typeof createLinesChannel>;
  } {
    const seed = seedOf();
    const outbox = createOutbox(seed.facts, 0);
    outbox.begin({ at: micros(1), wall: wallMicros(1) });
    const channel = createLinesChannel({
      id: channelId(1),
      kind: "exec",
      knowledge: createSessionFiles().fresh(),
      outbox,
      desk: createCommandDesk(seed, outbox, createGraces(outbox)),
      gated: () => false,
      ask: () => undefined,
      surface: () => null,
      killSession: () => undefined,
      suspendSession: () => undefined,
    });
    channel.client(encodeUtf8("echo before\nrm -rf precious\necho behind\n"));
    return { effects: () => outbox.take(), channel };
  }
  const kinds = (effects: readonly Effect[]): readonly string[] =>
    effects.map((effect) => effect.kind).filter((kind) => kind !== "emit");

  it("ends the shell's input at once, and the channel when the shell has ended", () => {
    const { effects, channel } = refuse();
    const first = effects();
    expect(kinds(first)).toEqual([
      "send-to-target",
      "send-to-person",
      "eof-to-target",
      "set-timer",
    ]);
    channel.client(encodeUtf8("echo more\n"));
    channel.eof();
    expect(effects()).toEqual([]);
    channel.exited({ type: "code", code: 0 });
    const last = effects();
    expect(last.at(-1)).toMatchObject({ kind: "close-channel", exit: { type: "code", code: 126 } });
    channel.timer();
    expect(effects()).toEqual([]);
  });

  it("does not wait for ever for a shell that does not end", () => {
    const { effects, channel } = refuse();
    const timer = effects().find((effect) => effect.kind === "set-timer");
    expect(timer).toMatchObject({ at: 1 + LAST_OUTPUT_WAIT_MS * 1_000 });
    channel.timer();
    expect(effects().at(-1)).toMatchObject({ kind: "close-channel" });
  });
});

describe("a text in quotes that is longer than a line may be", () => {
  const long = body("rm -rf is only a word here");

  it("is text when all that takes it shows or stores it", () => {
    for (const script of [`echo '${long}'\n`, `printf '%s' "${long}" > note.txt\n`]) {
      const fed = feed(script, "echo x\n");
      expect(fed.told.map(([decision]) => decision)).toEqual(["allowed", "allowed"]);
      expect(fed.sent).toBe(script.length + "echo x\n".length);
    }
  });

  it.each([`bash -c '${long}'\n`, `echo '${long}' | sh\n`, `eval '${long}'\n`])(
    "is not let pass unread where it may be code",
    (script) => expect(feed(script)).toMatchObject({ closed: true, sent: 0 }),
  );

  it("does not make a known file of what was left out", () => {
    const fed = feed(`echo '${long}' > f\n`, "sh f\n");
    expect(fed.told.at(-1)?.[0]).toBe("alerted");
  });
});
