import type { Field } from "../words/text.js";
import type { WrapperRow } from "./row.js";

/** A wrapper's words, sorted into its own options and operands, and where the command starts. */
export interface WrapperReading {
  readonly options: ReadonlyMap<string, Field | null>;
  readonly operands: readonly Field[];
  readonly assignments: readonly Field[];
  /** The command's words; empty when there is none. */
  readonly rest: readonly Field[];
  /** An option that the row does not list stood before the command: it may have taken a word. */
  readonly unlisted: boolean;
}

/** Reads the words behind the wrapper's name. A word that can not be known is passed over. */
export function readWrapper(words: readonly Field[], row: WrapperRow): WrapperReading {
  const options = new Map<string, Field | null>();
  const operands: Field[] = [];
  const assignments: Field[] = [];
  const isFull = (): boolean => operands.length >= (row.operands ?? 0);
  const stays = staysBehindOperands(words, row);
  let i = 0;
  let ended = false;
  let unlisted = false;
  let passedOver = -1;
  for (let word = words[i]; word !== undefined; word = words[++i]) {
    if (!word.known) {
      // `docker exec $c rm`: what stands where an operand is wanted is one, whatever it says.
      if (!isFull()) operands.push(word);
      else if (row.form === "text") break;
      else if (passedOver < 0) passedOver = i;
    } else if (word.text === (row.separator ?? "--")) {
      ended = true;
      if (row.separator === undefined && !isFull()) continue;
      i += 1;
      break;
    } else if (isOver(row, operands.length)) break;
    else if (!ended && /^-./.test(word.text)) {
      const taken = readOption(word, words[i + 1], row, options);
      unlisted ||= mayTakeMore(word, taken);
      i += taken;
      if (endsOptions(row, options)) {
        i += 1;
        break;
      }
    } else if (row.assignments === true && /^[A-Za-z_][\w%()]*=/.test(word.text))
      assignments.push(word);
    else if (word.text === "-") continue;
    else if (!stays && isFull()) break;
    else operands.push(word);
  }
  const rest = words.slice(commandStart(words, i, passedOver));
  return { options, operands, assignments, rest, unlisted };
}

function endsOptions({ ending }: WrapperRow, options: WrapperReading["options"]): boolean {
  return ending?.some((name) => options.has(name)) === true;
}

/** An option that took nothing, as far as the row says. */
function mayTakeMore(option: Field, taken: number): boolean {
  return taken === 0 && !option.text.includes("=");
}

/** Where the command starts; `sudo $x`: a word that was passed over may be all there is of it. */
function commandStart(words: readonly Field[], stopped: number, passedOver: number): number {
  return stopped >= words.length && passedOver >= 0 ? passedOver : stopped;
}

/** Its own words go on behind its operands, up to the separator or to the end. */
function staysBehindOperands(words: readonly Field[], row: WrapperRow): boolean {
  if (row.permuted === true) return true;
  return row.separator !== undefined && words.some((one) => one.text === row.separator);
}

/** Behind the operands of the wrapper's own the command starts, whatever it looks like. */
function isOver(row: WrapperRow, operands: number): boolean {
  const wanted = row.operands ?? 0;
  const strict = row.permuted !== true && row.separator === undefined && row.late !== true;
  return strict && wanted > 0 && operands >= wanted;
}

/** Long names may be cut short as long as one name alone begins so (getopt_long). */
function longName(written: string, row: WrapperRow): string {
  const names = [...(row.valuedLong ?? []), ...(row.text ?? []), ...(row.program ?? [])];
  if (names.includes(written) || written.length < ABBREVIATION_MIN) return written;
  const meant = new Set(names.filter((name) => name.startsWith(written)));
  const [only] = meant;
  return only !== undefined && meant.size === 1 ? only : written;
}

/** Shorter beginnings of a long name are taken for something else. */
const ABBREVIATION_MIN = 2;

function readLongOption(
  word: Field,
  next: Field | undefined,
  row: WrapperRow,
  options: Map<string, Field | null>,
): number {
  const { text } = word;
  const equals = text.indexOf("=");
  const written = equals < 0 ? text.slice(2) : text.slice(2, equals);
  // Without a word that can be its value it is another option, of its own right.
  const isAlone = equals < 0 && next?.text.startsWith("-") !== false;
  const name = isAlone ? written : longName(written, row);
  if (equals >= 0) {
    options.set(name, { ...word, text: text.slice(equals + 1) });
    return 0;
  }
  const isValued = row.valuedLong?.includes(name) === true;
  const isPaired = row.paired?.includes(name) === true;
  options.set(name, isValued || isPaired ? (next ?? null) : null);
  return isValued ? 1 : isPaired ? 2 : 0;
}

/** Notes one option word; answers how many further words it takes as value (0 to 2). */
function readOption(
  word: Field,
  next: Field | undefined,
  row: WrapperRow,
  options: Map<string, Field | null>,
): number {
  const text = word.text;
  if (text.startsWith("--")) return readLongOption(word, next, row, options);
  for (let at = 1; at < text.length; at++) {
    const letter = text.charAt(at);
    // `-m/proc/1/ns/mnt`: no more letters, but a value.
    if (!/[A-Za-z0-9?@#]/.test(letter)) return 0;
    if (row.attached?.includes(letter) === true && at + 1 < text.length) {
      options.set(letter, { ...word, text: text.slice(at + 1) });
      return 0;
    }
    if (row.valued?.includes(letter) !== true) {
      options.set(letter, null);
      continue;
    }
    const attached = text.slice(at + 1);
    options.set(letter, attached === "" ? (next ?? null) : { ...word, text: attached });
    return attached === "" ? 1 : 0;
  }
  return 0;
}
