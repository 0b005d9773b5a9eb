import { known, UNKNOWN, weigh, type Field } from "../words/text.js";
import { isArray, readVariable, setVariable, type Scope } from "./scope.js";

/** Where `getopts` stands: the word and the letter in it. */
export const OPTION_PLACE = "OPTIND[next]";

/** `getopts ab: name`: each call takes the next option; behind the last one there is `?`. */
export function nextOption(words: readonly Field[], scope: Scope): void {
  const [spec, name] = words;
  const given = words.length > 2 ? words.slice(2) : scope.positional;
  if (name === undefined) return;
  if (spec?.known !== true || given === undefined) {
    for (const one of [name.text, "OPTARG"]) setVariable(scope, one, UNKNOWN);
    return;
  }
  const [index, letter] = placeOf(scope);
  const word = given[index];
  if (word === undefined || !/^-[^-]/.test(word.text)) {
    setVariable(scope, name.text, known("?"));
    return;
  }
  const option = word.text.charAt(letter);
  const attached = word.text.slice(letter + 1);
  setVariable(scope, name.text, weigh(option, [word]));
  if (spec.text.includes(`${option}:`)) {
    const value = attached === "" ? given[index + 1] : weigh(attached, [word]);
    setVariable(scope, "OPTARG", value ?? UNKNOWN);
    moveTo(scope, index + (attached === "" ? 2 : 1), 1);
  } else if (attached === "") moveTo(scope, index + 1, 1);
  else moveTo(scope, index, letter + 1);
}

function placeOf(scope: Scope): readonly [index: number, letter: number] {
  const place = readVariable(scope, OPTION_PLACE);
  const [index, letter] = isArray(place) ? [] : place.text.split(",").map(Number);
  return [index ?? 0, letter === undefined || letter < 1 ? 1 : letter];
}

function moveTo(scope: Scope, index: number, letter: number): void {
  setVariable(scope, OPTION_PLACE, known(`${String(index)},${String(letter)}`));
  setVariable(scope, "OPTIND", known(String(index + 1)));
}
