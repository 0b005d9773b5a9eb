import { createPhraseBook, type PhraseBook, type PhraseBookState } from "./phrase-book.js";
import { createTimingBook, type TimingBook, type TimingBookState } from "./timing-book.js";

/**
 * What is kept of a person's typing: below 64 KiB as JSON, no text that was typed, only how long
 * after which key another one came. Personal data all the same: store it encrypted, erase it on request.
 */
export interface KeystrokeProfile {
  readonly version: 1;
  readonly timings: TimingBookState;
  readonly phrases: PhraseBookState;
}

export interface OpenProfile {
  readonly book: TimingBook;
  readonly phrases: PhraseBook;
}

export function openKeystrokeProfile(saved?: KeystrokeProfile): OpenProfile {
  return {
    book: createTimingBook(saved?.timings),
    phrases: createPhraseBook(saved?.phrases),
  };
}

export function closeKeystrokeProfile({ book, phrases }: OpenProfile): KeystrokeProfile {
  return { version: 1, timings: book.state(), phrases: phrases.state() };
}
