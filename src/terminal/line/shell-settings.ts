import { charactersAfter, USUAL_CHARACTERS, type HistoryCharacters } from "./history-characters.js";

/** What lines that ran have told the shell about its editing. */
export interface ShellSettings {
  readonly viMode: boolean;
  readonly historyExpands: boolean;
  /** null: set to what can not be known. */
  readonly historyCharacters: HistoryCharacters | null;
  ran(text: string): void;
}

export function createShellSettings(): ShellSettings {
  return new ToldSettings();
}

class ToldSettings implements ShellSettings {
  #viMode = false;
  #historyExpands = true;

  #characters: HistoryCharacters | null = USUAL_CHARACTERS;

  get historyCharacters(): HistoryCharacters | null {
    return this.#characters;
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
