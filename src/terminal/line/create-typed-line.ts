import type { Micros } from "../../kernel/index.js";
import type { LineReading } from "../../model/index.js";
import { CONTROL, createKeyDecoder, printable, type PlacedKey } from "../keys/index.js";
import { afterSubmit, type After, type ReaderNow } from "./after-submit.js";
import { beginLine } from "./begin-line.js";
import { withinPane } from "./beside-panes.js";
import { createCarriedBytes } from "./carried-bytes.js";
import { createComingBack } from "./coming-back.js";
import { createInputVisibility } from "./input-visibility.js";
import { watchInterrupt } from "./interrupt-seen.js";
import type { Reader } from "./line-context.js";
import { standsBehindPrompt } from "./line-locator.js";
import { createLineStart } from "./line-start.js";
import {
  freshLine,
  freshTimes,
  noteDoubt,
  notePrinted,
  startAnew,
  startsUnsure,
} from "./line-state.js";
import { createMultiplexerKeys } from "./multiplexer-keys.js";
import { opensShell, readProgramLine } from "./program-line.js";
import type { Prefills } from "./grown-prompt.js";
import { createGoingOn } from "./going-on.js";
import { createRedrawnPrompt } from "./redrawn-prompt.js";
import { learnFrom } from "./learning.js";
import { readerFacts } from "./reader-facts.js";
import { createRunDecoder, isDecoded } from "./run-decoder.js";
import { screenOwner } from "./screen-owner.js";
import { seedFromScreen } from "./screen-seed.js";
import { createSettling, recheck, SETTLED } from "./settling.js";
import { createShellSettings } from "./shell-settings.js";
import { pressInModels } from "./taking-keys.js";
import type { KeyRun, Launched, Settlement, TypedLine, TypedLineOptions } from "./typed-line.js";
import { seatWitnesses } from "./witnesses.js";

/** Seats the witnesses around one terminal: keys on one side, the screen on the other. */
export function createTypedLine({ pty }: TypedLineOptions): TypedLine {
  const witnesses = seatWitnesses(pty);
  const { screen, dialect, words, editor, cooked, locator, history } = witnesses;
  const { kernelEcho, context, trust, clock, blind, marks, disturbance, agreement, lineReader } =
    witnesses;
  const fallback = createKeyDecoder({ honoursPaste: () => screen.modes.bracketedPaste });
  const visibility = createInputVisibility({
    screen: () => screen,
    agrees: () => find() !== null,
    atPrompt: () =>
      editor.searching === "no"
        ? line.marked || readerAt(locator.location?.prompt).context === "shell"
        : lineReader.searchShown(),
  });
  const line = freshLine();
  const start = createLineStart(witnesses, line);
  const { atFreshPrompt, hasLeft } = start;
  const carried = createCarriedBytes();
  const multiplexer = createMultiplexerKeys(witnesses, line);
  const settings = createShellSettings();
  /** The shell at hand was seen to edit its lines itself. */
  let editing = false;
  const times = freshTimes();
  const comingBack = createComingBack(witnesses, line, times);
  const redrawn = createRedrawnPrompt(witnesses);
  const goingOn = createGoingOn(witnesses, {
    line,
    times,
    mayGoOn: start.mayGoOn,
    newLine: startLine,
  });
  let programSince: Micros | null = null;

  const decoder = createRunDecoder(
    readerFacts(witnesses, { line, settings, editsItself: () => editing || editsItself() }),
  );

  const settling = createSettling(witnesses, {
    line,
    times,
    viMode: () => settings.viMode,
    found: () => find() !== null,
    echoes: () =>
      line.marked ||
      line.ahead ||
      line.interrupted ||
      readerAt(locator.location?.prompt).context === "shell",
    typedBehind: () => words.behind,
  });

  // --- the person ------------------------------------------------------------------------------

  function pressed(run: KeyRun, at: Micros): void {
    decoder.delivered();
    redrawn.find();
    if (line.beforeMarked) goingOn.keyComes(at);
    if (run.kind === "control") {
      controlled(run, at);
      return;
    }
    if (line.pressed === 0) beginLine(witnesses, { line, start, prefills: prefilled() });
    else if (settling.isStill(at)) seedFromScreen(witnesses);
    const quietBefore =
      times.printed !== times.printedAtKey || times.lastPrintAt >= times.lastKeyAt;
    if (startsUnsure(line, screen)) line.unsureStart += 1;
    clock.keyPressed(at, quietBefore, times.lastKeyAt);
    times.lastKeyAt = at;
    times.printedAtKey = times.printed;
    line.pressed += 1;
    line.flushed = false;
    see(run, at);
  }

  function see(run: KeyRun, at: Micros): void {
    const before = editor.trust;
    let from = 0;
    let unseen = false;
    let adds = false;
    for (const { key, end } of keysOf(run)) {
      // What is looked for in a search shows elsewhere and repeatedly: it is told like an editing key.
      // In vi's command mode the letters are no text.
      line.escaped ||=
        key.kind === "meta" || (key.kind === "control" && key.code === CONTROL.escape);
      line.completed = key.kind === "control" && key.code === CONTROL.tab;
      const commands = line.marked && (settings.viMode || line.escaped);
      const typed = editor.searching === "no" ? printable(key) : null;
      const text = commands ? null : typed;
      visibility.typed(carried.with(run.bytes.subarray(from, end)), at, text);
      from = end;
      unseen ||= text === null;
      if (typed === null) words.ended();
      else words.typed(typed);
      if (multiplexer.takes(key)) continue;
      if (pressInModels(key, witnesses, line)) adds = true;
      comingBack.pressed(key);
    }
    if (from < run.bytes.length) carried.keep(run.bytes.subarray(from));
    if (editor.trust !== "exact" && (before === "exact" || unseen))
      noteDoubt(times, at, { text: before === "exact" ? editor.textAtDoubt : null, adds });
  }

  function doubtAt(at: Micros): void {
    editor.doubt();
    noteDoubt(times, at, { text: null, adds: true });
  }

  function controlled(run: KeyRun, at: Micros): void {
    const code = run.bytes.at(-1);
    times.lastKeyAt = at;
    if (code === CONTROL.c) {
      visibility.entered(run.bytes, at);
      // Whether what was begun stays in the history differs from shell to shell.
      if (context.expectsMore) history.lose();
      line.interrupted = true;
      // fish does not answer where there is nothing to throw away.
      const nothing = dialect.current === "fish" && line.marked && line.pressed === 0;
      const early = start.promptIsDue() && at - line.releasedAt < clock.stalledUs;
      const stood = line.pressed > 0 ? find()?.text : early ? line.beforeText : undefined;
      if (!nothing) startLine();
      line.thrownAway = nothing ? "" : (stood ?? "");
      line.interruptedEarly = early && !nothing;
    } else {
      visibility.typed(run.bytes, at, null);
      if (code !== CONTROL.d) doubtAt(at);
      else if (line.flushed) startLine();
    }
  }

  // --- the target ------------------------------------------------------------------------------

  function print(bytes: Uint8Array, at: Micros): void {
    const answered = times.printed !== times.printedAtKey || line.pressed === 0;
    const silence = at - Math.max(times.lastPrintAt, times.lastKeyAt);
    disturbance.printed(line.marked && answered && silence >= clock.hiddenAfterUs);
    let from = 0;
    for (;;) {
      const end = marks.next(bytes, from);
      if (end < 0) break;
      screen.feed(bytes.subarray(from, end));
      dialect.printed(bytes, from, end);
      if (marks.on) switchedOn();
      else if (hasLeft()) goingOn.over();
      from = end;
    }
    dialect.printed(bytes, from, bytes.length);
    kernelEcho.printed(bytes);
    const rest = from === 0 ? bytes : bytes.subarray(from);
    redrawn.prints(rest);
    agreement.echo(bytes, () => screen.feed(rest));
    screen.skinTonesJoin = dialect.current === "fish";
    if (hasLeft()) goingOn.over();
    notePrinted(times, { bytes, at, soonestUs: clock.soonestUs });
    clock.targetPrinted(at);
    if (visibility.pending) visibility.look(at, clock.hiddenAfterUs);
    watchInterrupt(witnesses, line, atFreshPrompt);
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
    // Typed ahead of it, nothing of that stands there yet.
    const prefills = open && line.marked ? "yes" : prefilled();
    beginsAnew();
    redrawn.forget();
    comingBack.prompted(open);
    if (open) {
      editor.newLine();
      editor.doubt();
    }
    locator.relearn(prefills);
  }

  function prefilled(): Prefills {
    return comingBack.owed ? "yes" : settings.prefills;
  }

  function promptDrawn(): void {
    // fish switches it off before it runs anything.
    const idle = line.before !== null && line.beforeMarked && marks.ended === line.endedAtRelease;
    line.ranNothing = idle && dialect.current === "fish";
    // A prompt in the middle of a line: the shell threw it away, or something else ran.
    if (!line.awaited && !line.interrupted && line.pressed > 0 && locator.location !== null) {
      editor.doubt();
      times.printedAtDoubt = 0;
    }
    beginsAnew();
    if (multiplexer.moved) locator.elsewhere();
    else locator.forget();
  }

  function beginsAnew(): void {
    line.marked = true;
    line.markRevision = screen.revision;
    line.before = null;
    disturbance.newLine();
  }

  // --- reading ---------------------------------------------------------------------------------

  function readerAt(prompt: string | undefined): Reader {
    return context.readerAt(prompt ?? null, { marked: line.marked, alternate: screen.alternate });
  }

  function find(): ReturnType<typeof lineReader.find> {
    // readline announced itself: then it is not the kernel that edits the line.
    return lineReader.find(line.marked ? "editor" : context.inProgram ? "kernel-first" : "both");
  }

  /** Nothing speaks for an editor. */
  function byKernel(): boolean {
    return !line.marked && dialect.current === "plain" && !editing && !editsItself();
  }

  /** The screen shows an editor at work that the kernel's would not have done. */
  function editsItself(): boolean {
    const { text } = editor.buffer;
    // What the kernel clears wrongly can look like it, and so can the end of what stands there.
    if (cooked.misdrawn || cooked.text === text || text === "") return false;
    const found = find();
    return found?.text === text && found.by !== "echo";
  }

  function settled(at: Micros): Settlement {
    redrawn.find();
    if (visibility.pending) visibility.look(at, clock.hiddenAfterUs);
    const knownAt = goingOn.decide(at) ?? comingBack.decide(at);
    if (knownAt !== null) return recheck(knownAt);
    if (multiplexer.asks || screenOwner(witnesses) !== null) return settling.ofProgram(at);
    return kernelEcho.seen === "whole" && byKernel() ? SETTLED : settling.settled(at);
  }

  function read(submit: KeyRun): LineReading {
    const owner = screenOwner(witnesses);
    const asked = multiplexer.read() ?? (owner === null ? null : readProgramLine(screen, owner));
    if (asked !== null) return asked;
    const found = find();
    const location = found ?? lineReader.shown()?.location;
    const first = keysOf(submit)[0]?.key;
    const reading = lineReader.read({
      submit,
      found,
      reader: readerAt(location?.prompt),
      pressed: line.pressed,
      answered: settling.isAnsweredSoFar(),
      unechoed: visibility.hiddenOnLine + (found === null ? visibility.undecided : 0),
      rebound: trust.rebound,
      unsureStart: line.unsureStart,
      comesBack: comingBack.unseen,
      thrownAway: line.thrownAway,
      historyExpands: settings.historyExpands,
      historyCharacters: settings.historyCharacters,
      disturbed: disturbance.disturbed || disturbance.marksLost,
      marked: line.marked,
      goesOn: line.goesOn || line.stays,
      escaped: line.escaped,
      completed: line.completed,
      kernel: byKernel(),
      editsItself: editsItself(),
      kernelEcho: kernelEcho.seen,
      meta: first?.kind === "meta",
      stays: afterSubmit(submit, first, readerNow()) === "same-line",
    });
    return context.multiplexed && screen.alternate ? withinPane(reading, witnesses) : reading;
  }

  // --- what became of the line -----------------------------------------------------------------

  function opensShellInside(): boolean {
    const owner = screenOwner(witnesses);
    return owner !== null && opensShell(readProgramLine(screen, owner).text);
  }

  function released(submit: KeyRun, at: Micros, launched: Launched): void {
    decoder.delivered();
    const inside = opensShellInside();
    const found = find();
    const place = found ?? locator.place();
    editing ||= !line.marked && editsItself();
    const by = multiplexer.released() ?? readerAt(place?.prompt);
    if (place !== null && standsBehindPrompt(place)) context.confirm(place.prompt, by);
    const after = afterSubmit(submit, keysOf(submit)[0]?.key, readerNow());
    line.before = after === "new-line" ? place : null;
    line.beforeMarked = line.marked;
    line.endedAtRelease = marks.ended;
    comingBack.released(submit);
    line.ranNothing = false;
    line.beforeText = editor.trust === "exact" && found !== null ? found.text : null;
    line.releasedAt = at;
    times.printedAtRelease = times.printed;
    line.beforeRuns = launched.mayGoOn ? (launched.text ?? null) : null;
    if (submit.bytes.length > 0) visibility.entered(submit.bytes, at);
    line.interrupted = false;
    noteBlind(at);
    learn(launched, by, submit);
    programSince = context.inProgram ? (programSince ?? at) : null;
    if (inside || (launched.text !== undefined && opensShell(launched.text))) context.opened();
    times.lastKeyAt = at;
    goesOnAfter(submit, { after, at });
  }

  function goesOnAfter(submit: KeyRun, { after, at }: { after: After; at: Micros }): void {
    if (submit.kind === "submit" && submit.form === "eof") {
      // A program that reads lines takes it with what follows; an editor has deleted a character.
      for (const { key } of keysOf(submit)) editor.press(key);
      line.flushed = true;
      return;
    }
    line.stays = after === "same-line";
    if (line.stays) {
      for (const { key } of keysOf(submit)) {
        line.escaped ||= key.kind === "meta";
        editor.press(key);
      }
      doubtAt(at);
      return;
    }
    startLine();
    if (after === "prefilled") {
      editor.doubt();
      times.printedAtDoubt = times.printed;
    }
  }

  function learn(launched: Launched, by: Reader, submit: KeyRun): void {
    if (submit.kind === "submit" && submit.form === "correction") history.takeBack();
    if (learnFrom(launched, by, { ...witnesses, settings, ahead: line.ahead })) editing = false;
  }

  function noteBlind(at: Micros): void {
    const { hiddenSince } = visibility;
    if (hiddenSince !== null) blind.add("echo-off", hiddenSince, at);
    if (programSince !== null) blind.add("in-program", programSince, at);
  }

  function startLine(): void {
    words.newLine();
    editor.newLine();
    agreement.lose();
    cooked.newLine();
    visibility.newLine();
    locator.forget();
    redrawn.forget();
    startAnew(line, screen);
    times.printedAtAdding = -1;
    disturbance.newLine();
    if (settings.viMode || trust.rebound) editor.doubt();
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
      times.lastKeyAt = at;
    },
    atFreshPrompt,
    get standsAt() {
      return start.standsAt();
    },
    get fate() {
      if (line.before !== null || line.stays) return "unknown";
      return line.goesOn || line.ranNothing ? "goes-on" : "ran";
    },
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
    get idleEditor() {
      return start.idleEditor();
    },
    get cursorRow() {
      return screen.cursor.row;
    },
    frame: () => screen.frame,
    get blind() {
      return blind.all;
    },
  };

  function readerNow(): ReaderNow {
    return { editor, dialect: dialect.current, viMode: settings.viMode };
  }

  function keysOf(run: KeyRun): readonly PlacedKey[] {
    return isDecoded(run) ? run.keys : fallback.decode(run.bytes);
  }
}
