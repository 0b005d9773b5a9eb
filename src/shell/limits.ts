/** A longer line is not typed by a person; holding and parsing it would let a paste eat the memory. */
export const LINE_CHARS_MAX = 16 * 1024;
/** Brackets open at once. People stay below 10; the parser's time grows with depth on hostile text. */
export const NESTING_MAX = 64;
/** Program starts found in one line: a line that has more is judged by its tokens and raw text. */
export const INVOCATIONS_MAX = 512;
/** Scripts inside scripts (`sh -c "sh -c ..."`, alias of alias, function calling itself). */
export const SCRIPT_DEPTH_MAX = 16;
/** Characters parsed for one line, re-parsed texts included. */
export const PARSED_CHARS_MAX = 256 * 1024;
/** Rounds of `for` loops walked with their value known; later rounds have an unknown value. */
export const LOOP_ROUNDS_MAX = 64;
/** Words that one word may become (braces, splitting); beyond, the rest is unknown. */
export const FIELDS_MAX = 256;
/** Words of one command: more come only from braces, of which a short line can make very many. */
export const WORDS_MAX = 8 * 1024;
/** Longest value of a variable or of constant output that is followed. */
export const VALUE_CHARS_MAX = 16 * 1024;
/** Longest text of one written or uploaded file that is judged; a longer one is of unknown content. */
export const FILE_CHARS_MAX = 64 * 1024;
/** Characters of all remembered files together: the oldest are forgotten first. */
export const FILES_CHARS_MAX = 1024 * 1024;
/** `${x#pattern}` and its kin try every cut: longer values are left unknown. */
export const PATTERN_VALUE_CHARS_MAX = 512;
/** Words kept from a line that could not be parsed. */
export const TOKENS_MAX = 64 * 1024;
/** Aliases, functions, variables and files remembered of one session, each. */
export const REMEMBERED_MAX = 512;
/** Wrappers around wrappers (`sudo env nice ...`): people stay below five. */
export const WRAPPERS_MAX = 32;
/** Tokens read of one program in another language. */
export const FOREIGN_TOKENS_MAX = 8 * 1024;
/** Steps spent on one expression of another language. */
export const FOREIGN_FUEL = 512;
/** Commands followed that one program of another language starts. */
export const FOREIGN_CALLS_MAX = 32;
