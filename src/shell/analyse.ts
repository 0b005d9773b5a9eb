import type { Analysis } from "../model/index.js";

/**
 * What the session has taught us about the shell that will run the line. Every part is optional; what
 * is unknown stays dynamic in the analysis.
 */
export interface ShellKnowledge {
  readonly cwd?: string;
  readonly home?: string;
  readonly aliases?: ReadonlyMap<string, string>;
  readonly functions?: ReadonlyMap<string, string>;
  readonly variables?: ReadonlyMap<string, string>;
}

export type AnalyseLine = (line: string, knowledge: ShellKnowledge) => Analysis;
