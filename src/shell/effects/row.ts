/**
 * Programs that remove files by themselves, as data. The option names are those of the tools' manuals:
 * letters without a dash, long names and single-dash words without theirs.
 */
export interface DeletionRow {
  readonly names: readonly string[];
  /** Leading operands that select the row: `clean` of `git clean`; `*` is any. */
  readonly subcommand?: readonly string[];
  /** Nothing is removed unless one of these options is there. */
  readonly needs?: readonly string[];
  /** Options that mean: nothing is removed. */
  readonly inert?: readonly string[];
  /** Whether what lies below goes too: always, never, or with one of these options. */
  readonly recursive: boolean | readonly string[];
  /**
   * Which of its words it removes. `last`: only the last operand, when it is no other machine's.
   * `sources`: all but the last. `behind-first`: all but the first. `roots`: what stands before the
   * first test (find). `here`: the operands, or the directory it works in when there is none.
   */
  readonly removes: "operands" | "last" | "sources" | "behind-first" | "roots" | "here";
  /** The last operand must be this one. */
  readonly into?: string;
  /** Letters of options that take a value, attached or as the next word. */
  readonly valued?: string;
  /** Long options that take their value as the next word. */
  readonly valuedLong?: readonly string[];
  /** Options that name the directory that operands start from. */
  readonly directory?: readonly string[];
  /** The first operand may be options without a dash: `tar cf x`. */
  readonly bundled?: true;
}
