/**
 * The parser's transition table: the state machine of Paul Williams (vt100.net/emu/dec_ansi_parser)
 * with two departures. Colons are sub-parameters, as in every terminal of today. The strings that
 * nobody here reads (DCS, SOS, PM, APC) share one state; only OSC differs, because BEL ends it.
 *
 * The table works on code points, not bytes: a C1 control counts when it arrives as UTF-8 (C2 9B),
 * as xterm does in UTF-8 mode. Everything from U+00A0 up is one class, `BEYOND`.
 */
export const GROUND = 0;
export const ESCAPE = 1;
export const ESCAPE_INTERMEDIATE = 2;
export const CSI_ENTRY = 3;
export const CSI_PARAMETER = 4;
export const CSI_INTERMEDIATE = 5;
export const CSI_IGNORE = 6;
export const OSC = 7;
export const STRING = 8;

export const IGNORE = 0;
export const PRINT = 1;
export const EXECUTE = 2;
export const CLEAR = 3;
export const COLLECT = 4;
export const PARAMETER = 5;
export const ESC_DISPATCH = 6;
export const CSI_DISPATCH = 7;

export const BEYOND = 0xa0;
export const ACTION_SHIFT = 4;
export const STATE_MASK = 0x0f;
export const STATE_SHIFT = 8;

type Row = readonly [from: number, to: number, action: number, next: number];

/** Rules that hold in every state; a state's own rows come after and win. */
const ANYWHERE: readonly Row[] = [
  [0x00, 0xa0, IGNORE, GROUND],
  [0x18, 0x18, EXECUTE, GROUND],
  [0x1a, 0x1a, EXECUTE, GROUND],
  [0x1b, 0x1b, CLEAR, ESCAPE],
  [0x80, 0x8f, EXECUTE, GROUND],
  [0x90, 0x90, IGNORE, STRING],
  [0x91, 0x97, EXECUTE, GROUND],
  [0x98, 0x98, IGNORE, STRING],
  [0x99, 0x9a, EXECUTE, GROUND],
  [0x9b, 0x9b, CLEAR, CSI_ENTRY],
  [0x9c, 0x9c, IGNORE, GROUND],
  [0x9d, 0x9d, IGNORE, OSC],
  [0x9e, 0x9f, IGNORE, STRING],
];

/** C0 controls act inside a sequence too, without ending it. */
function c0(action: number, state: number): readonly Row[] {
  return [
    [0x00, 0x17, action, state],
    [0x19, 0x19, action, state],
    [0x1c, 0x1f, action, state],
    [0x7f, 0x7f, IGNORE, state],
  ];
}

const STATES: readonly (readonly [state: number, rows: readonly Row[]])[] = [
  [GROUND, [...c0(EXECUTE, GROUND), [0x20, 0x7e, PRINT, GROUND], [BEYOND, BEYOND, PRINT, GROUND]]],
  [
    ESCAPE,
    [
      ...c0(EXECUTE, ESCAPE),
      [0x20, 0x2f, COLLECT, ESCAPE_INTERMEDIATE],
      [0x30, 0x7e, ESC_DISPATCH, GROUND],
      [0x50, 0x50, IGNORE, STRING],
      [0x58, 0x58, IGNORE, STRING],
      [0x5b, 0x5b, CLEAR, CSI_ENTRY],
      [0x5d, 0x5d, IGNORE, OSC],
      [0x5e, 0x5f, IGNORE, STRING],
    ],
  ],
  [
    ESCAPE_INTERMEDIATE,
    [
      ...c0(EXECUTE, ESCAPE_INTERMEDIATE),
      [0x20, 0x2f, COLLECT, ESCAPE_INTERMEDIATE],
      [0x30, 0x7e, ESC_DISPATCH, GROUND],
    ],
  ],
  [
    CSI_ENTRY,
    [
      ...c0(EXECUTE, CSI_ENTRY),
      [0x20, 0x2f, COLLECT, CSI_INTERMEDIATE],
      [0x30, 0x3b, PARAMETER, CSI_PARAMETER],
      [0x3c, 0x3f, COLLECT, CSI_PARAMETER],
      [0x40, 0x7e, CSI_DISPATCH, GROUND],
    ],
  ],
  [
    CSI_PARAMETER,
    [
      ...c0(EXECUTE, CSI_PARAMETER),
      [0x20, 0x2f, COLLECT, CSI_INTERMEDIATE],
      [0x30, 0x3b, PARAMETER, CSI_PARAMETER],
      [0x3c, 0x3f, IGNORE, CSI_IGNORE],
      [0x40, 0x7e, CSI_DISPATCH, GROUND],
    ],
  ],
  [
    CSI_INTERMEDIATE,
    [
      ...c0(EXECUTE, CSI_INTERMEDIATE),
      [0x20, 0x2f, COLLECT, CSI_INTERMEDIATE],
      [0x30, 0x3f, IGNORE, CSI_IGNORE],
      [0x40, 0x7e, CSI_DISPATCH, GROUND],
    ],
  ],
  [
    CSI_IGNORE,
    [
      ...c0(EXECUTE, CSI_IGNORE),
      [0x20, 0x3f, IGNORE, CSI_IGNORE],
      [0x40, 0x7e, IGNORE, GROUND],
      [BEYOND, BEYOND, IGNORE, CSI_IGNORE],
    ],
  ],
  [
    OSC,
    [
      ...c0(IGNORE, OSC),
      [0x07, 0x07, EXECUTE, GROUND],
      [0x18, 0x18, EXECUTE, GROUND],
      [0x1a, 0x1a, EXECUTE, GROUND],
      [0x20, 0x7f, IGNORE, OSC],
      [0x9c, 0x9c, EXECUTE, GROUND],
      [BEYOND, BEYOND, IGNORE, OSC],
    ],
  ],
  [STRING, [...c0(IGNORE, STRING), [0x20, 0x7f, IGNORE, STRING], [BEYOND, BEYOND, IGNORE, STRING]]],
];

/** `table[state << STATE_SHIFT | class]` is `action << ACTION_SHIFT | next state`. */
export const TRANSITIONS: Uint8Array = compile();

function compile(): Uint8Array {
  const table = new Uint8Array(STATES.length << STATE_SHIFT);
  for (const [state, rows] of STATES) {
    for (const [from, to, action, next] of [...ANYWHERE, ...rows]) {
      const offset = state << STATE_SHIFT;
      table.fill((action << ACTION_SHIFT) | next, offset + from, offset + to + 1);
    }
  }
  return table;
}
