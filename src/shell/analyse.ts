import type { Analysis } from "../model/index.js";
import type { Text } from "./words/text.js";

/**
 * What the session has taught us about the shell that will run the line. Every part is optional; what
 * is unknown stays dynamic in the analysis.
 */
export interface ShellKnowledge {
  /** Absolute, or `~...` where only its place under the home directory is known. */
  readonly cwd?: string;
  readonly home?: string;
  /** `git co` names an alias of git, `-g X` one of zsh that holds for every word. */
  readonly aliases?: ReadonlyMap<string, string>;
  /** Name to body, as source text that can be parsed (`{ rm -rf "$1"; }`). */
  readonly functions?: ReadonlyMap<string, string>;
  /** A plain text is certain; what is only guessed is a Text, an array is a list of them. */
  readonly variables?: ReadonlyMap<string, string | Text | readonly Text[]>;
  /** What was written through this session, by path: absolute, `~/...`, or below an unknown place. */
  readonly files?: ReadonlyMap<string, string | WrittenFile>;
  /** What only the analysis itself reads: where the shell is when `cwd` is not known, and its kin. */
  readonly shell?: ShellState;
}

/** A file that this session wrote. Without certainty its text is unknown, which is never harmless. */
export interface WrittenFile extends Text {
  /** It is a copy of, or a link to, this program. */
  readonly program?: string;
  /** It is a folder into which something came from elsewhere: what lies in it is not known. */
  readonly brought?: true;
  /** It is an archive that holds these files, by their names in it. */
  readonly members?: ReadonlyMap<string, WrittenFile>;
  /** It is a pipe with a name: `shell` where a shell reads it, so that what is written to it runs. */
  readonly pipe?: "open" | "shell";
}

/** A numbered descriptor: a file, or text that can be read from it. */
export interface Descriptor {
  readonly input?: Text;
  readonly path?: string;
}

/** A path of the target that this session has made stand for another one. */
export interface Link {
  readonly to: string;
  /** A moved folder or a mount: it is the other one, and not only a name for it. */
  readonly whole: boolean;
}

export interface OuterShell {
  readonly knowledge: ShellKnowledge;
  /** The shell inside is on another machine, or sees other files. */
  readonly elsewhere: boolean;
}

export interface ShellState {
  readonly place: string;
  /** Unknown places seen so far: each has a name of its own. */
  readonly places: number;
  readonly supposed: string | null;
  readonly before: string | null;
  /** `pushd` and `popd`, the top first. */
  readonly stack: readonly string[];
  readonly positional: readonly Text[];
  readonly lastWord: Text;
  /** `hash -p FILE NAME`. */
  readonly hashed: ReadonlyMap<string, string>;
  /** What `exec 3> f` has opened. */
  readonly descriptors: ReadonlyMap<number, Descriptor>;
  /** By located path. */
  readonly links: ReadonlyMap<string, Link>;
  /** Shells outside of this one, the nearest first: what was known of them when this one was started. */
  readonly outer: readonly OuterShell[];
  /** Tables that were too full: what is not found in them may have been there. */
  readonly forgot: { readonly names: boolean; readonly files: boolean };
}

export type AnalyseLine = (line: string, knowledge: ShellKnowledge) => Analysis;
