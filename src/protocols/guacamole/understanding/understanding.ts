import type { Micros } from "../../../kernel/index.js";
import type { Fact } from "./facts.js";
import type { Direction, Instruction } from "./instruction.js";
import type { Digest, JudgeStream, StreamPolicy, StreamVerdict } from "./stream-facts.js";

/**
 * What one person does on one desktop, read from the instructions of their connection. Pure: time is an
 * argument. The owner gives every parsed instruction after the handshake, sends on what `forward` says
 * and nothing else, and answers for lines that are held.
 *
 * Laws: however the instructions were cut into packets, lines and facts are the same. Towards the
 * server every press has one release and every release had its press. It never throws on anything from
 * outside, and what it keeps is bounded.
 */
export interface Understanding {
  read(given: Instruction, direction: Direction, at: Micros): Reading;
  /** The held line may be entered: its Return, and what waited behind it, until the next line. */
  releaseLine(at: Micros): Reading;
  /**
   * The held line is not entered: neither press nor release of its Return ever pass. The text stays
   * where it was typed, and is still in the model: a second Return is a line again.
   */
  dropLine(at: Micros): Reading;
  /** True between a `line-held` and its answer: what the person sends meanwhile waits inside. */
  readonly lineHeld: boolean;
  /** The answer to a `stream-held`. What waited goes to where it was going, or nowhere. */
  decideStream(id: number, verdict: Exclude<StreamVerdict, { type: "held" }>): Reading;
  /**
   * A gate closes (overlay, suspension): releases for every key and button that the server believes
   * is down, to be sent to it. What the owner swallows while gated is not to be given to `read`.
   */
  letGo(at: Micros): readonly Instruction[];
  /**
   * A gate was open and is closed: what was typed before it may not be what stands there now, so
   * confidence of the line begun is lowered.
   */
  disturbed(at: Micros): Reading;
  /** The connection is over: open streams end, timings are told, nothing is kept. */
  end(at: Micros): Reading;
  readonly counts: UnderstandingCounts;
}

export interface Reading {
  /** To be sent on in the direction of what was read (of a decision: see there), in this order. */
  readonly forward: readonly Instruction[];
  /** To be sent back to where it came from: refusals of streams. */
  readonly answer: readonly Instruction[];
  readonly facts: readonly Fact[];
}

export interface UnderstandingCounts {
  readonly keys: number;
  readonly lines: number;
  readonly clicks: number;
  readonly moves: number;
  readonly streams: number;
  readonly refused: number;
}

export interface UnderstandingOptions {
  /** As in `select`: `rdp`, `vnc`, `ssh`, `telnet`, `kubernetes`. Decides how a Tab and an arrow are read. */
  readonly protocol: string;
  readonly policy: StreamPolicy;
  /** Rules about streams; absent: the policy alone. */
  readonly judge?: JudgeStream;
  readonly createDigest: () => Digest;
  /** The content of files and clipboards is told piece by piece, for evidence. Default false. */
  readonly pieces?: boolean;
  /**
   * The target asks for credentials on its own screen (the gateway gave none): what is typed until the
   * second Return is hidden.
   */
  readonly signsInOnScreen?: boolean;
  /** What hides typed lines. Default: everything that is known to ask for a password. */
  readonly masking?: Masking;
}

export interface Masking {
  /** Programs (lower case, without `.exe`) that ask for a password, beside the table that is built in. */
  readonly prompting?: readonly string[];
  /** `alice<Tab>secret<Enter>` on a desktop is a form: hidden. Default true. */
  readonly forms?: boolean;
}
