import type { Micros } from "../../kernel/index.js";
import type { LineReading, PtyFacts, TerminalSize } from "../../model/index.js";
import type { ScreenFrame } from "../screen/screen.js";
import type { Dialect } from "./dialect.js";

/**
 * The line being typed on one terminal channel, watched by two witnesses: a line-editor model fed by
 * keys and the screen fed by the target's output. The owner (the gate) cuts the person's bytes into
 * runs, forwards key runs at once and holds submits until `settled`, then reads and decides.
 *
 * Law: however the network cuts the bytes, the readings are the same.
 */
export interface TypedLine {
  /**
   * Cuts the person's bytes into runs. The bytes of all runs, in order, are the bytes given, except
   * that an incomplete escape sequence is passed on at once as keys (the decoder remembers it).
   * Does not change the models: a run takes effect with `pressed` or `released`.
   */
  decode(bytes: Uint8Array): readonly KeyRun[];
  /** A key run was forwarded to the target. */
  pressed(run: KeyRun, at: Micros): void;
  /** The target printed. */
  printed(bytes: Uint8Array, at: Micros): void;
  resized(size: TerminalSize): void;
  /**
   * May the line be read now? True when every forwarded key has been echoed (or proved unechoed), the
   * output is quiet, or the hard cap since the last key is over.
   */
  settled(at: Micros): Settlement;
  /** What the held submit would submit. Pure: asking twice gives the same answer. */
  read(submit: KeyRun): LineReading;
  /** The submit was forwarded. `program`: the command started that will own the terminal, if known. */
  released(submit: KeyRun, at: Micros, launched: Launched): void;
  /** What became of the line that was released last. */
  readonly fate: Fate;
  /** The line was thrown away by the interrupt that the gate sent. */
  dropped(at: Micros): void;
  /**
   * After an interrupt or a start: has the target shown a prompt that a new line can be typed at?
   * The gate waits for it before it lets the person type on.
   */
  atFreshPrompt(): boolean;
  /** What the shell asks for, as far as its prompt tells; null: it does not, or a line is begun. */
  readonly standsAt: LineReading["prompt"] | null;
  /**
   * Evidence that Ctrl-C still interrupts at this prompt (architecture law 2): ISIG and VINTR=3 in the
   * pty modes, no `stty`/`bind`/`trap`/unknown program released since, or a Ctrl-C seen to work here.
   */
  readonly interruptTrusted: boolean;
  /**
   * Input bytes in the order they were typed whose visibility is decided: echoed ones with their
   * bytes, unechoed ones as one mark without length. For the recording. Removes what it returns.
   */
  takeVisibleInput(at: Micros): readonly VisibleInput[];
  /** True while typed bytes still wait to be seen on the screen: the recording keeps order behind them. */
  readonly visibilityPending: boolean;
  /**
   * The editor of a shell has announced itself and stands at its prompt, and nothing was typed there:
   * how it draws. Null: it is not known that one does.
   */
  readonly idleEditor: Dialect | null;
  /** Bytes that restore the person's screen after Chaperone drew over it. */
  repaint(): Uint8Array;
  frame(): ScreenFrame;
  /** Row of the cursor on the target's screen, from 0. */
  readonly cursorRow: number;
  /** Stretches in which what was typed was not echoed, or a program owned the terminal. */
  readonly blind: readonly {
    readonly kind: "echo-off" | "in-program";
    readonly from: Micros;
    readonly until: Micros;
  }[];
}

/** Its editor may go on with a line although Enter was pressed; `ran`: it did not, as far as can be known. */
export type Fate = "unknown" | "ran" | "goes-on";

export interface TypedLineOptions {
  readonly pty: PtyFacts;
}

/** A run of the person's bytes with one meaning for the gate. */
export type KeyRun =
  | { readonly kind: "keys"; readonly bytes: Uint8Array }
  /** A byte (sequence) that makes a line run: held until judged. */
  | { readonly kind: "submit"; readonly bytes: Uint8Array; readonly form: SubmitForm }
  /** Ctrl-C, Ctrl-Z, Ctrl-\ and Ctrl-D on an empty line pass at once, but a pending line ends with them. */
  | { readonly kind: "control"; readonly bytes: Uint8Array };

export type SubmitForm =
  | "cr"
  | "lf"
  | "operate-and-get-next"
  | "keypad"
  | "paste-line"
  | "edit-and-execute"
  | "comment-out"
  /** zsh: a command about the first word of the line runs, and the line comes back. */
  | "run-help"
  | "which-command"
  /** zsh: yes, the line shall run with the word that it proposes. */
  | "correction"
  | "eof";

export type Settlement =
  | { readonly settled: true }
  /** Ask again at `recheckAt` at the latest, or when the target prints. */
  | { readonly settled: false; readonly recheckAt: Micros };

/** What the released line starts, as far as the analysis knows. */
export interface Launched {
  /** Text to learn as history (absent when hidden). */
  readonly text?: string;
  /**
   * The commands of a text of several lines, as bash takes them from a paste: each into its history. null:
   * not known.
   */
  readonly lines?: readonly string[] | null;
  /** `text` is only the likeliest of several readings. */
  readonly doubtful?: true;
  /** Blanks may stand behind it. */
  readonly endUnsure?: true;
  /** Its editor may go on with it, or it runs. */
  readonly mayGoOn?: true;
  /** It was typed unseen: a command, or no line of the shell's at all. */
  readonly unseen?: true;
  /** Names of the programs started, for the context stack and for `interruptTrusted`. */
  readonly programs: readonly string[];
  /** What the interrupt key does from now on proves nothing: it may have been given another meaning. */
  readonly playsInterrupt?: true;
  /** False when the shell is expected to ask for more (continuation). */
  readonly complete: boolean;
}

/** Typed bytes whose visibility is decided. */
export type VisibleInput =
  | { readonly kind: "shown"; readonly bytes: Uint8Array; readonly at: Micros }
  | { readonly kind: "hidden"; readonly at: Micros };
