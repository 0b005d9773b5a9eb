/**
 * Programs that start other programs, as data: how their own options end and what the command looks
 * like. The option letters are those of the tools' manuals; a letter that is not listed takes no value.
 */
export interface WrapperRow {
  readonly names: readonly string[];
  /**
   * `argv`: the rest of the words is the command. `text`: the rest, joined, is shell text.
   * `option`: only an option named in `text` or `program` carries a command.
   */
  readonly form: "argv" | "text" | "option";
  /** Leading words that select this row: `exec` of `docker exec`. */
  readonly subcommand?: readonly string[];
  /** Letters of options that take a value, attached or as the next word. */
  readonly valued?: string;
  /** Long options that take their value as the next word (`--name=value` is always understood). */
  readonly valuedLong?: readonly string[];
  /** Letters whose value, if there is one, is attached (`xargs -i{}`, `sed -i.bak`). */
  readonly attached?: string;
  /** Operands of the wrapper's own before the command (`timeout 5 rm`, `chroot DIR rm`). */
  readonly operands?: number;
  /** `NAME=value` words before the command. */
  readonly assignments?: boolean;
  /** Options (letter or long name) that name the account. */
  readonly runas?: readonly string[];
  /** The account when no option names one. */
  readonly runasDefault?: string;
  /** Which operand of the wrapper names the account. */
  readonly runasOperand?: number;
  /** Options whose value is shell text. */
  readonly text?: readonly string[];
  /** Options behind whose value the command goes on, whatever it looks like (`env -S`). */
  readonly ending?: readonly string[];
  /** Options whose value is the program; the operands are its words. */
  readonly program?: readonly string[];
  /** Options that name the directory in which the command runs. */
  readonly directory?: readonly string[];
  /** Without a command it runs what it reads; with a list, only when one of these options is there. */
  readonly stdin?: true | readonly string[];
  /** The row holds only where one of these options is there. */
  readonly needs?: readonly string[];
  /** Long options that take the next two words. */
  readonly paired?: readonly string[];
  /** Its options put folders of the machine elsewhere: `-v A:B`, `--bind A B`, `--mount source=A,target=B`. */
  readonly mounts?: true;
  /** Options that mean: no command is started. */
  readonly inert?: readonly string[];
  /** Options may follow operands (`su root -c cmd`). */
  readonly permuted?: boolean;
  /** Options may follow the operands, but no more behind the command's name (`ssh host -t cmd`). */
  readonly late?: true;
  /** The text is typed, key by key: `^M` and its kin are Enter. */
  readonly typed?: true;
  /** More words than one are the words of a command, and no text: always, or with one of these options. */
  readonly wordwise?: true | readonly string[];
  /** `\_` is a blank in its text. */
  readonly underlined?: true;
  /** A word that ends the wrapper's own words, whatever stands before it (`kubectl exec ... -- cmd`). */
  readonly separator?: string;
}
