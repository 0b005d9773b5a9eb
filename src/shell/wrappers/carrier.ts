import type { LanguageName } from "../foreign/language.js";

/** A part of a program's words, or of what it reads, that it runs as shell text. */
export interface Carrier {
  /** Options whose value carries the text. */
  readonly options?: readonly string[];
  /** Every word is looked at. */
  readonly words?: true;
  /** Each line that it reads: from files it is given, else from standard input. */
  readonly lines?: true;
  /** The whole text that it reads, from files it is given or else from standard input. */
  readonly read?: true;
  /** Only what it is fed: its files are texts that it shows. */
  readonly fed?: true;
  /** Only files named by these options are read (`make -f`), or the first of the usual ones. */
  readonly files?: readonly string[];
  readonly usual?: readonly string[];
  /** Group 1 is the text; absent: the whole value. */
  readonly pattern?: RegExp;
  /** The text is JSON, and its member `scripts` holds commands: those that the words name. */
  readonly scripts?: true;
  /** Its variables are filled in: `$(X)`, from the text and from words like `X=1`. */
  readonly filled?: true;
  /** What stands in front of the text, so that a shell understands it. */
  readonly before?: string;
  /** The program runs what it is fed, line by line, and the pattern only says that it does. */
  readonly fills?: true;
  /** The text is the words of a command: between commas, or with a percent sign in front of a blank in one. */
  readonly spelt?: "commas" | "percent";
  /** The command reads what the program was fed, or what it has in its hands. */
  readonly feeds?: true;
  /** The text is a program of this language, and not of the shell. */
  readonly language?: LanguageName;
}
