import { micros, type Micros } from "../../kernel/index.js";
import type { LineReading } from "../../model/index.js";
import { CONTROL, createKeyDecoder, type Key, type PlacedKey } from "../keys/index.js";
import { createScreen } from "../screen/index.js";
import { createAbbreviations } from "./abbreviations.js";
import { createBlindSpans } from "./blind-spans.js";
import { createCookedLine } from "./cooked-line.js";
import { createDialectWatch } from "./dialect.js";
import { createDisturbance } from "./disturbance.js";
import { createEchoAgreement } from "./echo-agreement.js";
import { createEchoClock } from "./echo-clock.js";
import { createInputVisibility } from "./input-visibility.js";
import { createInterruptTrust } from "./interrupt-trust.js";
import { createLineContext, type Reader } from "./line-context.js";
import { createLineEditor } from "./line-editor.js";
import { createLineLocator, leftOf, type Location } from "./line-locator.js";
import { hasGhost } from "./line-on-screen.js";
import { createLineReader } from "./line-reader.js";
import { opensShell, readProgramLine } from "./program-line.js";
import { looksLikePrompt, createPromptBook } from "./prompt-book.js";
import { createPromptMarks } from "./prompt-marks.js";
import { isSubsequence } from "./reconcile.js";
import { createRunDecoder, type DecodedRun } from "./run-decoder.js";
import { createSessionHistory } from "./session-history.js";
import type { KeyRun, Launched, Settlement, TypedLine, TypedLineOptions } from "./typed-line.js";

/** A line that goes on although its Enter was released: the key ended something else. */
type After = "new-line" | "same-line" | "prefilled";

/** Seats the witnesses around one terminal: keys on one side, the screen on the other. */
export function createTypedLine({ pty }: TypedLineOptions): TypedLine {
  const screen = createScreen(pty);
  const history = createSessionHistory();
  const dialect = createDialectWatch();
  const abbreviations = createAbbreviations();
  const editor = createLineEditor(history, {
    dialect: () => dialect.current,
    suggested: () => dialect.current === "fish" || hasGhost(screen),
  });
  const cooked = createCookedLine(pty);
  const book = createPromptBook();
  const locator = createLineLocator({
    screen: () => screen,
    book,
    dialect: () => dialect.current,
  });
  const context = createLineContext(book);
  const trust = createInterruptTrust(pty);
  const clock = createEchoClock();
  const blind = createBlindSpans();
  const marks = createPromptMarks();
  const disturbance = createDisturbance(() => screen);
  const agreement = createEchoAgreement({ screen: () => screen, editor });
  const fallback = createKeyDecoder({ honoursPaste: () => screen.modes.bracketedPaste });
  const visibility = createInputVisibility({
    screen: () => screen,
    agrees: () => find() !== null,
    atPrompt: () =>
      editor.searching === "no"
        ? line.marked || reader().context === "shell"
        : lineReader.searchShown(),
  });
  const line = freshLine();
  /** Bytes of a key that is not whole yet; bounded by the key decoder. */
  let carried: Uint8Array = NOTHING;
  let viMode = false;
  let historyExpands = true;
  /** The shell at hand was seen to edit its lines itself. */
  let editing = false;
  let lastKeyAt = micros(0);
  let lastPrintAt = micros(0);
  let printed = 0;
  let printedAtDoubt = 0;
  let printedAtKey = 0;
  let doubtAt = micros(0);
  /** Characters typed since the last key that was none. */
  let typedBehind = "";
  let programSince: Micros | null = null;

  const decoder = createRunDecoder({
    honoursPaste: () => screen.modes.bracketedPaste && !context.inProgram && !line.awaited,
    quotes: () =>
      line.marked &&
      dialect.current !== "fish" &&
      !context.inProgram &&
      !trust.rebound &&
      trust.trusted,
    interruptRuns: () => trust.rebound,
    maybeCooked: () => !line.marked && dialect.current !== "ash" && !editing && !editsItself(),
    lineHasText: () => line.pressed > 0 && !line.flushed,
    viMode: () => viMode,
    acceptsAndHolds: () => dialect.current === "zle" && !context.inProgram,
  });
  const lineReader = createLineReader({
    screen: () => screen,
    editor,
    cooked,
    history,
    locator,
    dialect: () => dialect.current,
    abbreviations,
  });

  // --- the person ------------------------------------------------------------------------------

  function pressed(run: KeyRun, at: Micros): void {
    decoder.delivered();
    if (run.kind === "control") {
      controlled(run, at);
      return;
    }
    if (mayGoOn() && at - line.releasedAt >= clock.hiddenAfterUs) goOn();
    if (line.pressed === 0) begin();
    else if (isStill(at)) seedFromScreen();
    const quietBefore = printed !== printedAtKey || lastPrintAt >= lastKeyAt;
    if (line.interrupted && !line.marked) line.unsureStart += 1;
    clock.keyPressed(at, quietBefore);
    lastKeyAt = at;
    printedAtKey = printed;
    line.pressed += 1;
    line.flushed = false;
    see(run, at);
  }

  function see(run: KeyRun, at: Micros): void {
    const before = editor.trust;
    let from = 0;
    let unseen = false;
    for (const { key, end } of keysOf(run)) {
      // What is looked for in a search shows elsewhere and repeatedly: it is told like an editing key.
      // In vi's command mode the letters are no text.
      line.escaped ||= key.kind === "meta" || (key.kind === "control" && key.code === ESCAPE);
      line.completed = key.kind === "control" && key.code === CONTROL.tab;
      const commands = line.marked && (viMode || line.escaped);
      const text = editor.searching === "no" && !commands ? printable(key) : null;
      visibility.typed(joined(run.bytes.subarray(from, end)), at, text);
      from = end;
      unseen ||= text === null;
      typedBehind = text === null ? "" : (typedBehind + text).slice(-TYPED_BEHIND_MAX);
      if (forMultiplexer(key)) continue;
      editor.press(key);
      cooked.press(key);
    }
    if (from < run.bytes.length) carried = joined(run.bytes.subarray(from)).slice();
    if (editor.trust !== "exact" && (before === "exact" || unseen)) {
      printedAtDoubt = printed;
      doubtAt = at;
    }
  }

  /** Ctrl-B of tmux and Ctrl-A of screen, and the key behind: another window may be shown then. */
  function forMultiplexer(key: Key): boolean {
    if (!context.multiplexed) return false;
    const prefixed = line.prefixed;
    line.prefixed = !prefixed && key.kind === "control" && PREFIX_KEYS.has(key.code);
    if (!prefixed && !line.prefixed) return false;
    editor.doubt();
    return true;
  }

  /** A key's bytes together with those that came before it was whole. */
  function joined(bytes: Uint8Array): Uint8Array {
    if (carried.length === 0) return bytes;
    const whole = new Uint8Array(carried.length + bytes.length);
    whole.set(carried);
    whole.set(bytes, carried.length);
    carried.fill(0);
    carried = NOTHING;
    return whole;
  }

  /** The first key of a line: where it will be echoed is where the cursor is. */
  function begin(): void {
    line.startRevision = screen.revision;
    // After Ctrl-C fish draws its prompt without the mark.
    if (dialect.current === "fish" && atFreshPrompt()) line.marked = true;
    if (dialect.current === "zle" && locator.location !== null) {
      if (!atAnchor(locator.location)) editor.doubt();
    } else if (line.marked && promptToCome()) {
      // Typed between the mark and the prompt: that will be known when it comes.
    } else if (atFreshPrompt() || cursorMoved()) {
      locator.learn();
      // The shell put text behind its prompt before the first key came. Or a program beside it did:
      // then the keys know better.
      if (locator.location?.by === "cursor") agreement.note();
      else if (!disturbance.disturbed) editor.doubt();
    }
    line.awaited = false;
  }

  function promptToCome(): boolean {
    if (screen.cursor.column > 0 || book.kindOf("") !== null) return false;
    return screen.revision === line.markRevision;
  }

  function atAnchor({ anchor }: Location): boolean {
    const { row, column } = screen.cursor;
    return anchor.line === row + screen.scrolled && anchor.column === column;
  }

  function cursorMoved(): boolean {
    const { row, column } = screen.cursor;
    return row + screen.scrolled !== line.leftLine || column !== line.leftColumn;
  }

  function controlled(run: KeyRun, at: Micros): void {
    const code = run.bytes.at(-1);
    lastKeyAt = at;
    if (code === CONTROL.c) {
      visibility.entered(run.bytes, at);
      line.interrupted = true;
      // fish does not answer where there is nothing to throw away.
      const nothing = dialect.current === "fish" && line.marked && line.pressed === 0;
      if (!nothing) startLine();
    } else {
      visibility.typed(run.bytes, at, null);
      if (code !== CONTROL.d) editor.doubt();
      else if (line.flushed) startLine();
    }
  }

  // --- a line that goes on ---------------------------------------------------------------------

  /**
   * Enter was released, and the editor still reads: it took a choice of a menu, or put a newline into
   * the line. Editors that use bracketed paste switch it off before anything runs.
   */
  function mayGoOn(): boolean {
    return line.before !== null && !line.marked && screen.modes.bracketedPaste;
  }

  function goOn(): void {
    if (line.before === null) return;
    locator.restore(line.before);
    line.before = null;
    line.marked = true;
    line.awaited = false;
    line.goesOn = true;
    line.pressed += 1;
    if (dialect.current === "fish" && line.beforeText !== null) {
      editor.goOnFrom(`${line.beforeText}\n`);
      return;
    }
    editor.doubt();
    printedAtDoubt = 0;
  }

  // --- the target ------------------------------------------------------------------------------

  function print(bytes: Uint8Array, at: Micros): void {
    const answered = printed !== printedAtKey || line.pressed === 0;
    const silence = at - Math.max(lastPrintAt, lastKeyAt);
    disturbance.printed(line.marked && answered && silence >= clock.hiddenAfterUs);
    let from = 0;
    for (;;) {
      const end = marks.next(bytes, from);
      if (end < 0) break;
      screen.feed(bytes.subarray(from, end));
      dialect.printed(bytes, from, end);
      switchedOn();
      from = end;
    }
    dialect.printed(bytes, from, bytes.length);
    agreement.echo(bytes, () => screen.feed(from === 0 ? bytes : bytes.subarray(from)));
    if (line.before !== null && !screen.modes.bracketedPaste) line.before = null;
    printed += bytes.length;
    lastPrintAt = at;
    clock.targetPrinted(at);
    if (visibility.pending) visibility.look(at, clock.hiddenAfterUs);
    watchInterrupt();
  }

  /** Bracketed paste went on: an editor has begun a line, or fish goes on with it after a completion. */
  function switchedOn(): void {
    const open = !line.awaited && !line.interrupted && line.pressed > 0;
    if (open && dialect.current === "fish") return;
    dialect.marked(screen.cursor.column > 0);
    if (dialect.current !== "zle") {
      promptDrawn();
      return;
    }
    // zle's prompt stands already, and with it what was put into the line in advance.
    beginsAnew();
    if (open) {
      editor.newLine();
      editor.doubt();
    }
    locator.relearn();
  }

  function promptDrawn(): void {
    // A prompt in the middle of a line: the shell threw it away, or something else ran.
    if (!line.awaited && !line.interrupted && line.pressed > 0 && locator.location !== null) {
      editor.doubt();
      printedAtDoubt = 0;
    }
    beginsAnew();
    locator.forget();
  }

  function beginsAnew(): void {
    line.marked = true;
    line.markRevision = screen.revision;
    line.before = null;
    disturbance.newLine();
  }

  /** `^C` behind the old line and a prompt below it: the interrupt did what it should. */
  function watchInterrupt(): void {
    if (!line.interrupted || line.pressed > 0 || !atFreshPrompt()) return;
    line.interrupted = false;
    const row = screen.cursor.row;
    if (row > 0 && /\^C\s*$/.test(screen.rowText(row - 1))) trust.seenToWork();
  }

  // --- reading ---------------------------------------------------------------------------------

  function promptSeen(): { marked: boolean; alternate: boolean } {
    return { marked: line.marked, alternate: screen.alternate };
  }

  function reader(): ReturnType<typeof context.readerAt> {
    const prompt = locator.location?.prompt ?? null;
    return context.readerAt(prompt, promptSeen());
  }

  function find(): ReturnType<typeof lineReader.find> {
    // readline announced itself: then it is not the kernel that edits the line.
    return lineReader.find(line.marked ? "editor" : context.inProgram ? "kernel-first" : "both");
  }

  /** The screen shows an editor at work that the kernel's would not have done. */
  function editsItself(): boolean {
    const { text } = editor.buffer;
    return cooked.text !== text && text !== "" && find()?.text === text;
  }

  function isStill(at: Micros): boolean {
    return (
      editor.trust === "unclear" &&
      printed > printedAtDoubt &&
      at - Math.max(lastPrintAt, doubtAt) >= clock.quietUs
    );
  }

  /** What was typed behind a completion or recall shows only when that has been carried out. */
  function isAnswered(): boolean {
    if (printed <= printedAtDoubt) return false;
    if (viMode || trust.rebound || editor.searching !== "no" || editor.typed === "") return true;
    const shown = lineReader.shown();
    if (shown === null || isSubsequence(editor.typed, shown.text)) return true;
    return typedBehind !== "" && shown.text.endsWith(typedBehind);
  }

  function seedFromScreen(): void {
    const shown = lineReader.shown();
    if (shown === null || shown.point === null || shown.partial || editor.searching !== "no")
      return;
    if (disturbance.disturbed) return;
    editor.seed(shown.text, Array.from(shown.text).slice(0, shown.point).length);
  }

  function settled(at: Micros): Settlement {
    if (visibility.pending) visibility.look(at, clock.hiddenAfterUs);
    if (mayGoOn()) {
      const knownAt = Math.max(line.releasedAt + clock.hiddenAfterUs, lastPrintAt + clock.quietUs);
      if (at < knownAt) return recheck(knownAt);
      goOn();
    }
    if (ownedScreen() !== null) {
      const shownAt = printed > printedAtKey ? lastPrintAt : lastKeyAt + clock.hiddenAfterUs;
      const readyAt = Math.min(lastKeyAt + clock.capUs, shownAt + clock.quietUs);
      return at >= readyAt ? SETTLED : recheck(readyAt);
    }
    const open = line.marked && editor.trust === "unclear" && !isAnswered();
    const cap = lastKeyAt + (open ? clock.answerUs : clock.capUs);
    if (at >= cap || (line.pressed === 0 && editor.trust === "exact")) return SETTLED;
    const stillAt = Math.max(lastKeyAt, lastPrintAt) + clock.quietUs;
    if (editor.trust === "exact") {
      if (agreement.holds) return SETTLED;
      if (find() !== null) {
        agreement.note();
        return SETTLED;
      }
      const decidedAt = Math.max(stillAt, lastKeyAt + clock.hiddenAfterUs);
      return at >= decidedAt ? SETTLED : recheck(Math.min(cap, decidedAt));
    }
    if (editor.trust === "guess" && at >= doubtAt + clock.quietUs && find() !== null)
      return SETTLED;
    if (open || printed <= printedAtDoubt) return recheck(cap);
    // A key that nothing answered yet may still be on its way.
    const answeredAt = printed > printedAtKey ? stillAt : lastKeyAt + clock.hiddenAfterUs;
    const readyAt = Math.max(stillAt, answeredAt);
    return at >= readyAt ? SETTLED : recheck(Math.min(cap, readyAt));
  }

  /**
   * A program is known to own the whole screen, and nothing speaks for a shell in it: the line does not
   * stand behind anything like a prompt. (vim switches bracketed paste on as shells do.)
   */
  function ownedScreen(): string | null {
    const program = context.fullScreen;
    if (program === undefined || !screen.alternate) return null;
    if (book.kindOf("") !== null) return null;
    const prompt = locator.location?.prompt ?? "";
    return looksLikePrompt(prompt) || book.kindOf(prompt) !== null ? null : program;
  }

  function read(submit: KeyRun): LineReading {
    const owner = ownedScreen();
    if (owner !== null) return readProgramLine(screen, owner);
    const found = find();
    const location = found ?? lineReader.shown()?.location;
    return lineReader.read({
      submit,
      found,
      reader: context.readerAt(location?.prompt ?? null, promptSeen()),
      pressed: line.pressed,
      answered: printed > printedAtDoubt,
      unechoed: visibility.hiddenOnLine + (found === null ? visibility.undecided : 0),
      rebound: trust.rebound,
      unsureStart: line.unsureStart,
      historyExpands,
      disturbed: disturbance.disturbed,
      marked: line.marked,
      goesOn: line.goesOn,
      escaped: line.escaped,
      completed: line.completed,
      meta: keysOf(submit)[0]?.key.kind === "meta",
    });
  }

  // --- what became of the line -----------------------------------------------------------------

  function released(submit: KeyRun, at: Micros, launched: Launched): void {
    decoder.delivered();
    const owner = ownedScreen();
    const inside = owner !== null && opensShell(readProgramLine(screen, owner).text);
    const found = find();
    const place = found ?? locator.place();
    editing ||= !line.marked && editsItself();
    const by = context.readerAt(place?.prompt ?? null, promptSeen());
    if (place !== null && isPrompt(place)) context.confirm(place.prompt, by);
    const after = afterSubmit(submit);
    line.before = line.marked && after === "new-line" ? place : null;
    line.beforeText = editor.trust === "exact" && found !== null ? found.text : null;
    line.releasedAt = at;
    if (submit.bytes.length > 0) visibility.entered(submit.bytes, at);
    line.interrupted = false;
    noteBlind(at);
    learn(launched, at, by);
    if (inside || (launched.text !== undefined && opensShell(launched.text))) context.opened();
    lastKeyAt = at;
    if (submit.kind === "submit" && submit.form === "eof") {
      // A program that reads lines takes it with what follows; an editor has deleted a character.
      for (const { key } of keysOf(submit)) editor.press(key);
      line.flushed = true;
      return;
    }
    if (after === "same-line") {
      for (const { key } of keysOf(submit)) editor.press(key);
      editor.doubt();
      printedAtDoubt = printed;
      doubtAt = at;
      return;
    }
    startLine();
    if (after === "prefilled") {
      editor.doubt();
      printedAtDoubt = printed;
    }
  }

  /** Text found left of the line is a prompt, unless the line has merely more text in front. */
  function isPrompt({ by, prompt }: Location): boolean {
    return by !== "echo" || looksLikePrompt(prompt);
  }

  function afterSubmit(submit: KeyRun): After {
    if (submit.kind !== "submit") return "new-line";
    const key = keysOf(submit)[0]?.key;
    if (editor.searching === "prompted") return "same-line";
    if (editor.searching === "incremental" && submit.form === "lf" && dialect.current !== "zle")
      return "same-line";
    // Escape and Enter run the line in vi mode only; a quoted Enter only without quoted insert.
    if (key?.kind === "meta" && submit.form === "cr") return "same-line";
    if (key?.kind === "quoted") return "same-line";
    if (submit.form === "operate-and-get-next" || submit.form === "edit-and-execute") {
      return "prefilled";
    }
    return "new-line";
  }

  function learn(launched: Launched, at: Micros, by: Reader): void {
    context.ran(launched, by);
    if (dialect.released(launched.programs) || context.inProgram) editing = false;
    if (launched.text !== undefined) abbreviations.ran(launched.text, launched.programs);
    trust.launched(launched.programs);
    if (launched.text !== undefined) {
      disturbance.ran(launched.text);
      history.ran(launched.text);
      if (launched.complete && launched.text.trim() !== "") history.add(launched.text);
      if (/\bset\s+-o\s+vi\b/.test(launched.text)) viMode = true;
      if (/\bset\s+-o\s+emacs\b/.test(launched.text)) viMode = false;
      if (/\bset\s+\+(?:H|o\s+histexpand)\b/.test(launched.text)) historyExpands = false;
      if (/\bset\s+-(?:H|o\s+histexpand)\b/.test(launched.text)) historyExpands = true;
    }
    if (context.inProgram) programSince ??= at;
    else programSince = null;
  }

  function noteBlind(at: Micros): void {
    const { hiddenSince } = visibility;
    if (hiddenSince !== null) blind.add("echo-off", hiddenSince, at);
    if (programSince !== null) blind.add("in-program", programSince, at);
  }

  function startLine(): void {
    typedBehind = "";
    editor.newLine();
    agreement.lose();
    cooked.newLine();
    visibility.newLine();
    locator.forget();
    line.pressed = 0;
    line.marked = false;
    line.awaited = true;
    line.leftLine = screen.cursor.row + screen.scrolled;
    line.leftColumn = screen.cursor.column;
    line.startRevision = screen.revision;
    line.unsureStart = 0;
    line.goesOn = false;
    line.escaped = false;
    line.completed = false;
    line.flushed = false;
    disturbance.newLine();
    if (viMode || trust.rebound) editor.doubt();
  }

  function atFreshPrompt(): boolean {
    if (line.pressed > 0) return false;
    const { row, column } = screen.cursor;
    if (column === 0 && !line.marked) return false;
    if (screen.revision === line.startRevision && line.startRevision !== 0) return false;
    const left = leftOf(screen, row, column);
    if (line.marked) return column > 0 || locator.place() !== null || book.kindOf("") !== null;
    return (
      cursorMoved() &&
      (book.kindOf(left)?.kind === "primary" || (!book.started && looksLikePrompt(left)))
    );
  }

  return {
    decode: (bytes) => decoder.decode(bytes),
    pressed,
    printed: print,
    resized(size) {
      screen.resize(size);
      disturbance.resized();
      agreement.lose();
      locator.lose();
    },
    settled,
    read,
    released,
    dropped(at) {
      decoder.reset();
      line.interrupted = true;
      startLine();
      lastKeyAt = at;
    },
    atFreshPrompt,
    get interruptTrusted() {
      return trust.trusted;
    },
    takeVisibleInput(at) {
      visibility.look(at, clock.hiddenAfterUs);
      return visibility.take();
    },
    get visibilityPending() {
      return visibility.pending;
    },
    repaint: () => screen.repaint(),
    get cursorRow() {
      return screen.cursor.row;
    },
    get alternateScreen() {
      return screen.alternate;
    },
    get blind() {
      return blind.all;
    },
  };

  function keysOf(run: KeyRun): readonly PlacedKey[] {
    return isDecoded(run) ? run.keys : fallback.decode(run.bytes);
  }
}

/** What is true of the line being typed. */
interface LineState {
  pressed: number;
  /** readline drew a prompt for it. */
  marked: boolean;
  /** The line before it was released and no prompt has come yet. */
  awaited: boolean;
  /** Where the cursor was when the line before was released. */
  leftLine: number;
  leftColumn: number;
  startRevision: number;
  /** What the screen was when the mark came. */
  markRevision: number;
  interrupted: boolean;
  /** Keys typed after Ctrl-C before a prompt came. */
  unsureStart: number;
  /** Where the line stood that was released last, until it is known to have run. */
  before: Location | null;
  beforeText: string | null;
  releasedAt: Micros;
  /** It went on although Enter was pressed. */
  goesOn: boolean;
  /** A key that switches vi's modes was pressed. */
  escaped: boolean;
  /** The key pressed last was a multiplexer's. */
  prefixed: boolean;
  /** The key pressed last was Tab. */
  completed: boolean;
  /** Ctrl-D has sent what was typed to a program without editor; the line goes on behind it. */
  flushed: boolean;
}

function freshLine(): LineState {
  return {
    pressed: 0,
    marked: false,
    awaited: true,
    leftLine: -1,
    leftColumn: -1,
    startRevision: 0,
    markRevision: -1,
    interrupted: false,
    unsureStart: 0,
    before: null,
    beforeText: null,
    releasedAt: micros(0),
    goesOn: false,
    escaped: false,
    prefixed: false,
    completed: false,
    flushed: false,
  };
}

const PREFIX_KEYS: ReadonlySet<number> = new Set([CONTROL.a, CONTROL.b]);
const ESCAPE = 0x1b;
const NOTHING = new Uint8Array(0);
/** Enough to tell what was typed behind a completion from what it brought. */
const TYPED_BEHIND_MAX = 64;
const SETTLED: Settlement = { settled: true };

function recheck(at: number): Settlement {
  return { settled: false, recheckAt: micros(at) };
}

function isDecoded(run: KeyRun): run is DecodedRun {
  return "keys" in run;
}

function printable(key: Key | undefined): string | null {
  return key?.kind === "text" || key?.kind === "pasted" ? key.text : null;
}
