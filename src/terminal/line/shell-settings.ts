import type { Prefills } from "./grown-prompt.js";
import { charactersAfter, USUAL_CHARACTERS, type HistoryCharacters } from "./history-characters.js";

/** What lines that ran have told the shell about its editing. */
export interface ShellSettings {
  readonly viMode: boolean;
  readonly historyExpands: boolean;
  /** null: set to what can not be known. */
  readonly historyCharacters: HistoryCharacters | null;
  /** Something that ran may put the beginning of lines into the prompts to come (zsh). */
  readonly prefills: Prefills;
  ran(text: string): void;
}

export function createShellSettings(): ShellSettings {
  return new ToldSettings();
}

class ToldSettings implements ShellSettings {
  #viMode = false;
  #historyExpands = true;

  #prefills: Prefills = "no";

  #characters: HistoryCharacters | null = USUAL_CHARACTERS;

  get historyCharacters(): HistoryCharacters | null {
    return this.#characters;
  }

  get prefills(): Prefills {
    return this.#prefills;
  }

  get viMode(): boolean {
    return this.#viMode;
  }

  get historyExpands(): boolean {
    return this.#historyExpands;
  }

  ran(text: string): void {
    const characters = charactersAfter(text);
    if (characters !== "unchanged") this.#characters = characters;
    if (PREFILLS_NEXT.test(text)) this.#prefills = "yes";
    else if (this.#prefills !== "no" || MAY_PREFILL.test(text)) this.#prefills = "perhaps";
    if (VI_ON.test(text)) this.#viMode = true;
    if (VI_OFF.test(text)) this.#viMode = false;
    if (EXPANSION_OFF.test(text)) this.#historyExpands = false;
    if (EXPANSION_ON.test(text)) this.#historyExpands = true;
  }
}

/** bash and the ksh family, zsh, fish. */
const VI_ON = /\bset\s+-o\s+vi\b|\bbindkey\s+-v\b|\bfish_vi_key_bindings\b/;
const VI_OFF = /\bset\s+-o\s+emacs\b|\bbindkey\s+-e\b|\bfish_default_key_bindings\b/;
const EXPANSION_OFF = /\bset\s+\+(?:H|o\s+histexpand)\b/;
const EXPANSION_ON = /\bset\s+-(?:H|o\s+histexpand)\b/;
/** `print -z` and `getln`'s counterpart, carried out at once. */
const PREFILLS_NEXT = /^\s*(?:builtin\s+)?(?:print\s+-\w*z|pushln)\b/;
/** From now on: functions and hooks with such commands in them, widgets, and what sets the edited line. */
const MAY_PREFILL = /\bprint\s+-\w*z|\bzle\b|\bpushln\b|\b[LR]?BUFFER\b|hist_?verify|\bbindkey\b/i;
