/**
 * Limits of the screen model. Bytes come from a target that may be hostile: nothing here grows with
 * what it sends. Strings (OSC, DCS, APC, PM, SOS) are swallowed byte by byte and never stored.
 */

/** Size taken when the person's client names none (0 means unknown, RFC 4254 section 6.2). */
export const COLUMNS_DEFAULT = 80;
export const ROWS_DEFAULT = 24;

/** Fewer columns leave no room for a wide character. */
export const COLUMNS_MIN = 2;

/** Cells: a 4K display with a 4x8 pixel font has 960 x 270. 16 bytes a cell: at most 8 MB a buffer. */
export const COLUMNS_MAX = 1_000;
export const ROWS_MAX = 500;

/** Parameters of one control sequence; more are ignored (xterm.js keeps 32, DEC asked for 16). */
export const PARAMETERS_MAX = 32;

/** Sub-parameters (separated by colons) of one control sequence; more are ignored. */
export const SUBPARAMETERS_MAX = 32;

/** A parameter stops growing here: larger than any screen, mode or colour number. */
export const PARAMETER_VALUE_MAX = 65_535;

/** Intermediate and private bytes that name a sequence; with more than three it is unknown anyway. */
export const INTERMEDIATES_MAX = 3;

/** Code points in one cell: the character and its marks. No script needs more; the rest is dropped. */
export const CODE_POINTS_PER_CELL_MAX = 16;

/** Distinct combined characters kept before the table is swept; grows only with what is on screen. */
export const CLUSTERS_BEFORE_SWEEP = 256;

/** Columns between the tab stops of a fresh terminal. */
export const TAB_STOP_COLUMNS = 8;
