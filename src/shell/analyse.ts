import type { Analysis } from "../model/index.js";

/**
 * What the session has taught us about the shell that will run the line. Every part is optional; what
 * is unknown stays dynamic in the analysis.
 */
export interface ShellKnowledge {
  readonly cwd?: string;
  readonly home?: string;
  readonly aliases?: ReadonlyMap<string, string>;
  /** Name to body, as source text that can be parsed (`{ rm -rf "$1"; }`). */
  readonly functions?: ReadonlyMap<string, string>;
  readonly variables?: ReadonlyMap<string, string>;
  /** Absolute path to the text that a released line wrote into it (`echo ... > /tmp/x`). */
  readonly files?: ReadonlyMap<string, string>;
}

export type AnalyseLine = (line: string, knowledge: ShellKnowledge) => Analysis;
