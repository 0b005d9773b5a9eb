import { CONTROL, createKeyDecoder, type Key, type PlacedKey } from "../keys/index.js";
import type { KeyRun, SubmitForm } from "./typed-line.js";

/** A run that knows its keys and where in its bytes they end; a run that was copied or made elsewhere is decoded again. */
export type DecodedRun = KeyRun & { readonly keys: readonly PlacedKey[] };

/** What the meaning of a key depends on; asked when the key arrives. */
export interface ReaderFacts {
  /** The reader takes a bracketed paste as text. */
  readonly honoursPaste: () => boolean;
  /** The reader has Ctrl-V: the key after it is text for certain. */
  readonly quotes: () => boolean;
  /** Ctrl-C may be bound to something that runs the line. */
  readonly interruptRuns: () => boolean;
  /** The reader may be the kernel's line discipline: Ctrl-D sends what is typed. */
  readonly maybeCooked: () => boolean;
  readonly lineHasText: () => boolean;
  readonly viMode: () => boolean;
  /** zsh's: Alt-a runs the line and keeps it, Alt-h and Alt-? run a command about its first word. */
  readonly runsByMeta: () => boolean;
  /** Enter with Shift or Ctrl, as some terminals send it, runs the line (fish, and programs with editors). */
  readonly entersBySequence: () => boolean;
  /** zsh asks whether it shall run the line with a word spelt otherwise. */
  readonly asksToCorrect: () => boolean;
}

/** Cuts the person's bytes into runs with one meaning for the gate. */
export interface RunDecoder {
  decode(bytes: Uint8Array): readonly DecodedRun[];
  /** The reader threw its input away: open sequences and pastes are over. */
  reset(): void;
  /** A run took effect. */
  delivered(): void;
}

export function createRunDecoder(facts: ReaderFacts): RunDecoder {
  let inPaste = false;
  let afterPrefixX = false;
  let viCommands = false;
  let undelivered = 0;
  let hasText = false;
  const decoder = createKeyDecoder({ honoursPaste: facts.honoursPaste });

  function decode(bytes: Uint8Array): readonly DecodedRun[] {
    if (undelivered === 0) hasText = facts.lineHasText();
    const runs: DecodedRun[] = [];
    let keys: PlacedKey[] = [];
    let start = 0;
    let previousEnd = 0;
    const flush = (end: number): void => {
      if (end > start) runs.push({ kind: "keys", bytes: bytes.slice(start, end), keys });
      keys = [];
      start = end;
    };
    for (const { key, end } of decoder.decode(bytes)) {
      const meaning = meaningOf(key);
      if (meaning === "keys") keys.push({ key, end: end - start });
      else {
        flush(previousEnd);
        const own = {
          bytes: bytes.slice(previousEnd, end),
          keys: [{ key, end: end - previousEnd }],
        };
        if (meaning === "control") runs.push({ kind: "control", ...own });
        else runs.push({ kind: "submit", form: meaning, ...own });
        start = end;
        hasText = false;
      }
      previousEnd = Math.min(end, bytes.length);
    }
    flush(bytes.length);
    undelivered += runs.length;
    return runs;
  }

  function meaningOf(key: Key): "keys" | "control" | SubmitForm {
    const prefixed = afterPrefixX;
    afterPrefixX = false;
    switch (key.kind) {
      case "control":
        return controlMeaning(key.code, prefixed);
      case "meta":
        return metaMeaning(key.text);
      case "sequence":
        if (key.intro === "O" && key.body === "M") return "keypad";
        return ENTER.test(key.body) && facts.entersBySequence() ? "keypad" : "keys";
      case "quoted":
        hasText = true;
        return isNewline(key.text) && !facts.quotes() ? "cr" : "keys";
      case "text":
        hasText = true;
        if (YES.has(key.text) && facts.asksToCorrect()) return "correction";
        return textMeaning(key.text);
      case "paste-begin":
        inPaste = true;
        return "keys";
      case "paste-end":
        inPaste = false;
        return "keys";
      case "pasted":
        hasText = true;
        // The terminal driver interrupts before the reader sees the byte: the paste ends here.
        if (key.text === "\u0003") {
          decoder.reset();
          inPaste = false;
          return "control";
        }
        return "keys";
      case "reply":
      case "garbled":
        return "keys";
    }
  }

  function controlMeaning(code: number, prefixed: boolean): "keys" | "control" | SubmitForm {
    switch (code) {
      case CONTROL.cr:
        viCommands = false;
        return inPaste ? "paste-line" : "cr";
      case CONTROL.lf:
        viCommands = false;
        return inPaste ? "paste-line" : "lf";
      case CONTROL.o:
        return prefixed ? "keys" : "operate-and-get-next";
      case CONTROL.tab:
        return facts.asksToCorrect() ? "correction" : "keys";
      case CONTROL.c:
        viCommands = false;
        return hasText && facts.interruptRuns() ? "cr" : "control";
      case CONTROL.z:
      case CONTROL.backslash:
        return "control";
      case CONTROL.d:
        if (!hasText) return "control";
        return facts.maybeCooked() ? "eof" : "keys";
      case CONTROL.x:
        afterPrefixX = !prefixed;
        return "keys";
      case CONTROL.e:
        return prefixed ? "edit-and-execute" : "keys";
      default:
        return "keys";
    }
  }

  function metaMeaning(text: string): "keys" | SubmitForm {
    if (isNewline(text)) return "cr";
    if (text === "#") return "comment-out";
    const command = facts.runsByMeta() ? RUN_BY_META[text.toLowerCase()] : undefined;
    if (command !== undefined) return command;
    if (facts.viMode()) {
      viCommands = true;
      return textMeaning(text);
    }
    return "keys";
  }

  /** In vi's command mode `v` opens an editor whose text then runs, and `#` comments out. */
  function textMeaning(text: string): "keys" | SubmitForm {
    if (!viCommands || !facts.viMode()) return "keys";
    if (text === "v") return "edit-and-execute";
    if (text === "#") return "comment-out";
    if ("aAiIcCsSR".includes(text)) viCommands = false;
    return "keys";
  }

  return {
    decode,
    delivered() {
      undelivered = Math.max(0, undelivered - 1);
    },
    reset() {
      decoder.reset();
      inPaste = false;
      afterPrefixX = false;
      viCommands = false;
      undelivered = 0;
      hasText = false;
    },
  };
}

/** xterm's modifyOtherKeys (27;2;13~) and CSI u (13;2u) for Enter. */
const ENTER = /^(?:27;\d+;13~|13(?:;[\d:]*)*u)$/;
const YES: ReadonlySet<string> = new Set(["y", "Y", " "]);
const RUN_BY_META: Readonly<Record<string, SubmitForm>> = {
  a: "operate-and-get-next",
  h: "run-help",
  "?": "which-command",
};

function isNewline(text: string): boolean {
  return text === "\r" || text === "\n";
}

export function isDecoded(run: KeyRun): run is DecodedRun {
  return "keys" in run;
}
