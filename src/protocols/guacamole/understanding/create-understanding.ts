import { micros, type Micros } from "../../../kernel/index.js";
import type { Shortcut } from "./facts.js";
import { HoldQueue } from "./hold-queue.js";
import { instruction, type Direction, type Instruction } from "./instruction.js";
import { createKeyReader, strokeName, type Stroke } from "./keys/key-reader.js";
import { MODIFIERS } from "./keys/key-names.js";
import { canonicalKeysym } from "./keys/keysym-text.js";
import { createPressedKeys } from "./keys/pressed-keys.js";
import { createTypingRhythm } from "./keys/typing-rhythm.js";
import type { Dialect } from "./line/editor.js";
import { createLineBook, surelyEnters, type Submission } from "./line/line-book.js";
import {
  picksFromHistory,
  readPaste,
  readShortcut,
  secretLinesAfter,
  switchesFocus,
} from "./line/shortcuts.js";
import { PointerTrack } from "./mouse/pointer-track.js";
import { isPress, readKey, readMouse } from "./read-input.js";
import { ReadingDraft } from "./reading.js";
import type { StreamVerdict } from "./stream-facts.js";
import { createStreamDesk } from "./streams/stream-desk.js";
import type { Reading, Understanding, UnderstandingOptions } from "./understanding.js";

/** Protocols that guacd draws a terminal for: nothing but one line has the focus there. */
const TERMINALS: ReadonlySet<string> = new Set(["ssh", "telnet", "kubernetes"]);
const LEFT = 1;
const MIDDLE = 2;
const RIGHT = 4;
/** Touches that are told apart; more are a hand that lies on the screen. */
const FINGERS_MAX = 10;

export function createUnderstanding(options: UnderstandingOptions): Understanding {
  return new DesktopUnderstanding(options);
}

/** A key or button that would enter a line, kept back until the line is judged. */
interface Held {
  readonly given: Instruction;
  readonly stroke: Stroke | null;
  /** Text that the key pastes, when it is a paste and no Return. */
  readonly paste?: { readonly text: string; readonly by: readonly Dialect[] };
}

class DesktopUnderstanding implements Understanding {
  readonly #terminal: boolean;
  readonly #protocol: string;
  readonly #keys = createKeyReader();
  readonly #pressed = createPressedKeys();
  readonly #rhythm = createTypingRhythm();
  readonly #pointer = new PointerTrack();
  readonly #book;
  readonly #streams;
  readonly #queue = new HoldQueue();
  #held: Held | null = null;
  /** What a paste would bring; null: not known, or no text. */
  #clipboard: string | null = null;
  #buttons = 0;
  /** Buttons that are down for the person and up for the server. */
  #suppressed = 0;
  readonly #fingers = new Set<string>();
  /** Of what is read. */
  #now = micros(0);
  #superAlone = false;
  #overfull = false;
  readonly #counts = { keys: 0, lines: 0, clicks: 0, moves: 0, refused: 0 };

  constructor(options: UnderstandingOptions) {
    this.#protocol = options.protocol;
    this.#terminal = TERMINALS.has(options.protocol);
    this.#book = createLineBook({
      terminal: this.#terminal,
      forms: options.masking?.forms ?? true,
      prompting: options.masking?.prompting ?? [],
    });
    this.#streams = createStreamDesk({
      policy: options.policy,
      judge: options.judge ?? (() => ({ type: "allowed" })),
      createDigest: options.createDigest,
      pieces: options.pieces ?? false,
      secretAwaited: () => this.#book.secret(this.#now),
      clipboardChanged: (text) => {
        this.#clipboard = text;
      },
    });
    this.#signsIn = options.signsInOnScreen === true;
  }

  #signsIn: boolean;

  get lineHeld(): boolean {
    return this.#held !== null;
  }

  get counts(): Understanding["counts"] {
    const { streams, refused } = this.#streams.counts();
    return { ...this.#counts, streams, refused: this.#counts.refused + refused };
  }

  read(given: Instruction, direction: Direction, at: Micros): Reading {
    const out = new ReadingDraft();
    if (this.#held !== null && direction === "from-client" && !PASSES_HOLD.has(given.opcode))
      this.#wait(given, at, out);
    else this.#read(given, direction, { at, out });
    return out;
  }

  #wait(given: Instruction, at: Micros, out: ReadingDraft): void {
    if (this.#queue.push(given, at)) return;
    this.#counts.refused += 1;
    if (!this.#overfull)
      out.facts.push({ kind: "refused", what: "held-too-much", opcode: given.opcode });
    this.#overfull = true;
  }

  #read(given: Instruction, direction: Direction, moment: Moment): void {
    this.#now = moment.at;
    if (direction === "from-client" && given.opcode === "key") this.#key(given, moment);
    else if (direction === "from-client" && given.opcode === "mouse") this.#mouse(given, moment);
    else if (direction === "from-client" && given.opcode === "touch") this.#touch(given, moment);
    else if (!this.#streams.read(given, direction, moment.out)) moment.out.forward.push(given);
  }

  #key(given: Instruction, moment: Moment): void {
    const asked = readKey(given);
    const keysym = asked === null ? null : canonicalKeysym(asked.keysym, this.#protocol);
    if (asked === null || keysym === null) {
      this.#counts.refused += 1;
      moment.out.facts.push({ kind: "refused", what: "malformed", opcode: "key" });
      return;
    }
    const canonical = instruction("key", String(keysym), asked.pressed ? "1" : "0");
    if (asked.pressed) this.#press(keysym, canonical, moment);
    else this.#release(keysym, canonical, moment);
  }

  #press(keysym: number, given: Instruction, { at, out }: Moment): void {
    this.#counts.keys += 1;
    if (this.#signsIn) {
      this.#signsIn = false;
      this.#book.expectSecret(SIGN_IN_LINES, at);
    }
    const stroke = this.#keys.press(keysym);
    this.#superAlone = MODIFIERS.get(keysym) === "super" && this.#keys.held.size === 1;
    if (stroke === null) {
      this.#passPress(keysym, given, out);
      return;
    }
    const paste = readPaste(stroke, this.#terminal);
    if (!stroke.repeat) this.#rhythm.down(keysym, strokeName(stroke), at);
    if (paste !== null || picksFromHistory(stroke)) this.#clipboardUsed({ at, out });
    if (this.#holds(given, stroke, { paste, at, out })) return;
    if (!this.#passPress(keysym, given, out)) return;
    if (paste !== null) this.#book.pasted(this.#clipboard, paste, at);
    else this.#book.press(stroke, at);
    this.#noteShortcut(stroke, { at, out });
    this.#tellRhythm({ at, out }, this.#rhythm.full);
  }

  /** Pasted, or perhaps pasted, which nobody sees where a mouse did it. */
  #clipboardUsed({ at, out }: Moment): void {
    if (this.#clipboard !== null && this.#book.secret(at))
      out.facts.push({ kind: "clipboard-secret" });
  }

  #passPress(keysym: number, given: Instruction, out: ReadingDraft): boolean {
    const passes = this.#pressed.press(keysym);
    if (passes) out.forward.push(given);
    return passes;
  }

  /** True when the key would enter a line: it is kept back, and the line told. */
  #holds(
    given: Instruction,
    stroke: Stroke,
    { paste, at, out }: Moment & { readonly paste: readonly Dialect[] | null },
  ): boolean {
    const text = this.#clipboard;
    if (paste !== null) {
      if (text === null) return false;
      const submission = this.#book.pasteSubmission(text, at);
      return this.#hold(submission, { given, stroke, paste: { text, by: paste } }, { at, out });
    }
    const submission = this.#book.submission(stroke, at);
    if (this.#hold(submission, { given, stroke }, { at, out })) return true;
    if (surelyEnters(stroke)) {
      this.#book.entered(at, true);
      this.#tellRhythm({ at, out }, true);
    }
    return false;
  }

  #hold(submission: Submission, held: Held, { at, out }: Moment): boolean {
    if (submission.type === "none") return false;
    this.#held = held;
    // What was typed of the line is compared before the line is judged.
    this.#tellRhythm({ at, out }, true);
    const unseen = submission.type === "unseen" ? { unseen: submission.why } : {};
    out.facts.push({ kind: "line-held", reading: submission.reading, at, ...unseen });
    return true;
  }

  #release(keysym: number, given: Instruction, { at, out }: Moment): void {
    const wasAlone = this.#superAlone && this.#keys.held.has("super");
    const stroke = this.#keys.release(keysym);
    this.#rhythm.up(keysym, at);
    if (stroke !== null && stroke.text !== null) this.#book.press(stroke, at);
    else if (stroke !== null && this.#holds(given, stroke, { paste: null, at, out })) return;
    if (!this.#pressed.release(keysym)) return;
    out.forward.push(given);
    if (!wasAlone || this.#keys.held.has("super")) return;
    this.#superAlone = false;
    this.#shortcut("start-menu", { at, out });
  }

  #noteShortcut(stroke: Stroke, moment: Moment): void {
    if (this.#terminal) return;
    const shortcut = readShortcut(stroke);
    if (picksFromHistory(stroke)) this.#book.pasted(null, [], moment.at);
    else if (shortcut !== null) this.#shortcut(shortcut, moment);
    else if (switchesFocus(stroke)) this.#changeFocus("shortcut", moment);
  }

  #shortcut(name: Shortcut, moment: Moment): void {
    if (this.#terminal) return;
    moment.out.facts.push({ kind: "shortcut", name, at: moment.at });
    if (!STAYS.has(name)) this.#changeFocus("shortcut", moment);
    const secret = secretLinesAfter(name);
    if (secret > 0) this.#book.expectSecret(secret, moment.at);
  }

  #changeFocus(by: "mouse" | "shortcut", { at, out }: Moment): void {
    this.#tellRhythm({ at, out }, true);
    this.#book.focusChanged(by, at);
    out.facts.push({ kind: "focus-changed", by, at });
  }

  #tellRhythm({ at, out }: Moment, now: boolean): void {
    if (!now) return;
    if (this.#book.secret(at)) {
      this.#rhythm.forget();
      return;
    }
    const keys = this.#rhythm.take();
    if (keys.length > 0) out.facts.push({ kind: "keys-timed", keys });
  }

  #mouse(given: Instruction, { at, out }: Moment): void {
    const mouse = readMouse(given);
    if (mouse === null) {
      this.#counts.refused += 1;
      out.facts.push({ kind: "refused", what: "malformed", opcode: "mouse" });
      return;
    }
    const { x, y, buttons } = mouse;
    const went = buttons & ~this.#buttons & (LEFT | MIDDLE | RIGHT);
    this.#pointer.add(at, x, y, buttons);
    this.#counts.moves += 1;
    if (went !== 0) {
      this.#counts.clicks += 1;
      this.#clipboardUsed({ at, out });
    }
    this.#suppressed &= buttons;
    if (this.#pastesByButton(given, went, { at, out })) return;
    this.#passMouse(given, out);
    if (went !== 0 && !this.#terminal) this.#changeFocus("mouse", { at, out });
    if (this.#pointer.full) this.#tellPointer(out);
  }

  /**
   * guacd's terminal pastes with the middle and the right button. On a desktop a right click pastes into
   * a console of Windows and opens a menu everywhere else: it only makes the line doubtful.
   */
  #pastesByButton(given: Instruction, went: number, { at, out }: Moment): boolean {
    if ((went & (MIDDLE | RIGHT)) === 0) return false;
    if (!this.#terminal) {
      this.#book.doubted("pasted-unknown");
      return false;
    }
    const text = this.#clipboard;
    if (text !== null) {
      const held: Held = { given, stroke: null, paste: { text, by: ["readline"] } };
      if (this.#hold(this.#book.pasteSubmission(text, at), held, { at, out })) return true;
    }
    this.#book.pasted(text, ["readline"], at);
    return false;
  }

  /** A finger that comes down is a click; one that is up has no force (protocol reference, `touch`). */
  #touch(given: Instruction, { at, out }: Moment): void {
    out.forward.push(given);
    const [finger = "", , , , , , force = "0"] = given.args;
    if (Number(force) === 0) {
      this.#fingers.delete(finger);
      return;
    }
    if (this.#fingers.has(finger) || this.#fingers.size >= FINGERS_MAX) return;
    this.#fingers.add(finger);
    this.#counts.clicks += 1;
    this.#clipboardUsed({ at, out });
    if (!this.#terminal) this.#changeFocus("mouse", { at, out });
  }

  #tellPointer(out: ReadingDraft): void {
    const samples = this.#pointer.take();
    if (samples !== null) out.facts.push({ kind: "mouse-moved", samples });
  }

  releaseLine(at: Micros): Reading {
    const out = new ReadingDraft();
    const held = this.#held;
    if (held === null) return out;
    this.#held = null;
    this.#counts.lines += 1;
    if (held.paste === undefined) {
      this.#tellRhythm({ at, out }, true);
      this.#book.entered(at, held.stroke !== null && surelyEnters(held.stroke));
      if (held.stroke !== null) this.#noteShortcut(held.stroke, { at, out });
    } else this.#book.pasted(held.paste.text, held.paste.by, at);
    this.#sendHeld(held, out);
    this.#drain(out, (given) => given);
    return out;
  }

  #sendHeld({ given }: Held, out: ReadingDraft): void {
    const key = readKey(given);
    if (key === null) {
      this.#passMouse(given, out);
      return;
    }
    if (key.pressed ? this.#pressed.press(key.keysym) : this.#pressed.release(key.keysym))
      out.forward.push(given);
  }

  #passMouse(given: Instruction, out: ReadingDraft): void {
    const mouse = readMouse(given);
    if (mouse === null) return;
    this.#buttons = mouse.buttons;
    const [x, y] = [String(mouse.x), String(mouse.y)];
    const buttons = mouse.buttons & ~this.#suppressed;
    this.#pressed.mouse(x, y, buttons);
    out.forward.push(instruction("mouse", x, y, String(buttons)));
  }

  dropLine(): Reading {
    const out = new ReadingDraft();
    const held = this.#held;
    if (held === null) return out;
    this.#held = null;
    const key = readKey(held.given);
    if (key === null) this.#suppressButton(held.given, out);
    else if (!key.pressed) this.#spoilCode(held.given, out);
    // What was typed behind a line that is not entered was meant for what would have followed it.
    this.#drain(out, (given) => (isPress(given) ? null : given));
    return out;
  }

  /** For the server the button stays up until the person has let go of it. */
  #suppressButton(given: Instruction, out: ReadingDraft): void {
    const mouse = readMouse(given);
    if (mouse !== null) this.#suppressed = mouse.buttons & ~this.#buttons & (MIDDLE | RIGHT);
    this.#passMouse(given, out);
  }

  /** Alt comes up and would make Return of the digits typed: one more digit makes a letter of them. */
  #spoilCode(given: Instruction, out: ReadingDraft): void {
    out.forward.push(instruction("key", KEYPAD_ZERO, "1"), instruction("key", KEYPAD_ZERO, "0"));
    this.#sendHeld({ given, stroke: null }, out);
  }

  /** Reads on what waited, until the next line. `change` answers null for what is not to be read. */
  #drain(out: ReadingDraft, change: (given: Instruction) => Instruction | null): void {
    this.#overfull = false;
    while (this.#held === null) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      const given = change(next.given);
      if (given !== null) this.#read(given, "from-client", { at: next.at, out });
    }
  }

  decideStream(id: number, verdict: Exclude<StreamVerdict, { type: "held" }>): Reading {
    const out = new ReadingDraft();
    this.#streams.decide(id, verdict, out);
    return out;
  }

  letGo(at: Micros): readonly Instruction[] {
    this.#keys.reset();
    this.#buttons = 0;
    this.#fingers.clear();
    this.#superAlone = false;
    this.#book.doubted("gated");
    if (this.#book.secret(at)) this.#rhythm.forget();
    return this.#pressed.letGo();
  }

  disturbed(at: Micros): Reading {
    const out = new ReadingDraft();
    this.#tellRhythm({ at, out }, true);
    this.#book.doubted("gated");
    return out;
  }

  end(at: Micros): Reading {
    const out = new ReadingDraft();
    this.#tellRhythm({ at, out }, true);
    this.#tellPointer(out);
    this.#streams.end(out);
    this.#held = null;
    return out;
  }
}

interface Moment {
  readonly at: Micros;
  readonly out: ReadingDraft;
}

/** What the connection needs to stay alive, and what ends it, waits for no line. */
const PASSES_HOLD: ReadonlySet<string> = new Set(["ack", "sync", "nop", "size", "disconnect", ""]);
/** A name and a password, each with its Return. */
const SIGN_IN_LINES = 2;
const KEYPAD_ZERO = String(0xffb0);
/** Shortcuts after which the same thing has the focus. */
const STAYS: ReadonlySet<Shortcut> = new Set(["copy", "cut", "paste", "select-all", "undo"]);
