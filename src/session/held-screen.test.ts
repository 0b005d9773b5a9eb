import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { encodeUtf8, type ChannelId } from "../kernel/index.js";
import type { RequestAsked } from "../model/index.js";
import { openStage, type Stage } from "./stage.testing.js";

const ROWS = 24;
const COLUMNS = 80;
const size = (columns: number): RequestAsked => ({
  type: "window-change",
  size: { columns, rows: 30 },
});

/** What a real terminal shows after these bytes, with everything that later output would meet. */
async function shownBy(text: string): Promise<string> {
  const terminal = new xterm.Terminal({ rows: ROWS, cols: COLUMNS, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write(encodeUtf8(text), done));
  const { active } = terminal.buffer;
  const rows = Array.from({ length: ROWS }, (_, row) =>
    (active.getLine(active.baseY + row)?.translateToString(true) ?? "").trimEnd(),
  );
  return JSON.stringify({ rows, x: active.cursorX, y: active.cursorY, type: active.type });
}

function answered(stage: Stage, terminal: ChannelId): void {
  stage.type(terminal, "123456\r");
  const request = stage.last("verify-factor")?.request;
  if (request === undefined) throw new Error("nothing was verified");
  stage.step({ kind: "factor-verified", request, outcome: { type: "accepted" } });
}

describe("a screen that was covered by a question", () => {
  /** What a target may have set before: a region, a hidden cursor, places counted from the region. */
  const SETTINGS = {
    plain: "",
    "scroll region": "\x1b[5;20r\x1b[20;1H",
    "hidden cursor": "\x1b[?25l",
    "region and origin": "\x1b[3;10r\x1b[?6h\x1b[4;2H",
    "all of it": "\x1b[5;20r\x1b[20;1H\x1b[?25l\x1b[1;31m",
  } as const;

  it.each(Object.entries(SETTINGS))("is given back cell for cell: %s", async (_name, setting) => {
    const stage = openStage();
    const terminal = stage.terminal();
    stage.print(terminal, "first\r\nsecond\r\n" + setting);
    stage.command("reauth");
    stage.print(terminal, "meanwhile\r\n");
    answered(stage, terminal);
    // Scrolling, and absolute places: only right if region and origin are.
    const after = "\nlater\r\n\n\nlast\x1b[2;3Hhere";
    stage.print(terminal, after);
    const uncovered = "$ first\r\nsecond\r\n" + setting + "meanwhile\r\n" + after;
    expect(await shownBy(stage.shown(terminal))).toBe(await shownBy(uncovered));
    const cursor = (text: string): string | undefined =>
      ["\x1b[?25h", "\x1b[?25l"].sort((a, b) => text.lastIndexOf(b) - text.lastIndexOf(a))[0];
    expect(cursor(stage.shown(terminal))).toBe(cursor(uncovered));
  });
});

describe("the size of a terminal", () => {
  it("reaches the target once nothing is held any more, and then the last one", () => {
    for (const hold of ["suspend", "reauth"] as const) {
      const stage = openStage();
      const terminal = stage.terminal();
      stage.command(hold);
      const sizes = [100, 110, 120].map((columns) => stage.ask(terminal, size(columns)));
      expect(sizes.map((one) => stage.answerTo(one)?.type)).toEqual([
        "refused",
        "refused",
        undefined,
      ]);
      if (hold === "suspend") stage.command("resume");
      else answered(stage, terminal);
      expect(stage.answerTo(sizes[2] ?? sizes[0] ?? stage.ask(terminal, size(1)))?.type).toBe(
        "granted",
      );
      expect(stage.unanswered).toEqual(new Set());
      // And at once when nothing is held.
      expect(stage.answerTo(stage.ask(terminal, size(90)))?.type).toBe("granted");
    }
  });

  it("waits for nobody when the channel or the session is gone", () => {
    const stage = openStage();
    const terminal = stage.terminal();
    stage.command("suspend");
    const asked = stage.ask(terminal, size(100));
    stage.step({ kind: "channel-closed", channel: terminal, bytes: { toTarget: 0, toPerson: 0 } });
    stage.command("resume");
    expect(stage.answerTo(asked)?.type).toBe("refused");
  });
});
