import type { PtyFacts } from "../../model/index.js";
import { createScreen, type Screen } from "../screen/index.js";
import { createAbbreviations, type Abbreviations } from "./abbreviations.js";
import { createBlindSpans, type BlindSpans } from "./blind-spans.js";
import { createCookedLine, type CookedLine } from "./cooked-line.js";
import { createDialectWatch, type DialectWatch } from "./dialect.js";
import { createDisturbance, type Disturbance } from "./disturbance.js";
import { createEchoAgreement, type EchoAgreement } from "./echo-agreement.js";
import { createEchoClock, type EchoClock } from "./echo-clock.js";
import { createInterruptTrust, type InterruptTrust } from "./interrupt-trust.js";
import { createKernelEcho, type KernelEcho } from "./kernel-echo.js";
import { createLineContext, type LineContext } from "./line-context.js";
import type { LineEditor } from "./edited-line.js";
import { createLineEditor } from "./line-editor.js";
import { createLineLocator, type LineLocator } from "./line-locator.js";
import { createLineReader, type LineReader } from "./line-reader.js";
import { createPromptBook, type PromptBook } from "./prompt-book.js";
import { createPromptMarks, type PromptMarks } from "./prompt-marks.js";
import { createQuotedControls, type QuotedControls } from "./quoted-controls.js";
import { standsBehindCursor } from "./suggestion-on-screen.js";
import { createSessionHistory, type SessionHistory } from "./session-history.js";
import { createUnusualWords, type UnusualWords } from "./unusual-words.js";

/** Everybody who knows something of the line, introduced to each other. */
export interface Witnesses {
  readonly screen: Screen;
  readonly history: SessionHistory;
  readonly dialect: DialectWatch;
  readonly abbreviations: Abbreviations;
  readonly words: UnusualWords;
  readonly quoted: QuotedControls;
  readonly editor: LineEditor;
  readonly cooked: CookedLine;
  readonly kernelEcho: KernelEcho;
  readonly book: PromptBook;
  readonly locator: LineLocator;
  readonly context: LineContext;
  readonly trust: InterruptTrust;
  readonly clock: EchoClock;
  readonly blind: BlindSpans;
  readonly marks: PromptMarks;
  readonly disturbance: Disturbance;
  readonly agreement: EchoAgreement;
  readonly lineReader: LineReader;
}

export function seatWitnesses(pty: PtyFacts): Witnesses {
  const screen = createScreen(pty);
  const history = createSessionHistory();
  const dialect = createDialectWatch();
  const abbreviations = createAbbreviations();
  const words = createUnusualWords();
  const quoted = createQuotedControls();
  const editor = createLineEditor(history, {
    dialect: () => dialect.current,
    suggested: () => dialect.current === "fish" || standsBehindCursor(screen),
  });
  const kernelEcho = createKernelEcho();
  const cooked = createCookedLine(pty, kernelEcho);
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
  const lineReader = createLineReader({
    screen: () => screen,
    editor,
    cooked,
    history,
    locator,
    dialect: () => dialect.current,
    abbreviations,
    words,
    quoted,
  });
  return {
    screen,
    history,
    dialect,
    abbreviations,
    words,
    quoted,
    editor,
    cooked,
    kernelEcho,
    book,
    locator,
    context,
    trust,
    clock,
    blind,
    marks,
    disturbance,
    agreement,
    lineReader,
  };
}
