import { err, fault, ok, type Fault, type Result } from "../../../kernel/index.js";
import type { Instruction } from "../../../model/index.js";
import {
  IMAGES,
  SIDE_PIXELS_MAX,
  WANTS_DEFAULT,
  type ClientWants,
  type Opening,
} from "./opening.js";
import { ELEMENTS_MAX, isKnownOpcode } from "../codec/index.js";
import { isVersion } from "./version.js";

/**
 * guacd's part of the handshake, played towards a web application. `select` is answered by `args`: the
 * parameters of the real guacd and, behind them, our own, which carry who the person is and never reach
 * guacd.
 */
export interface PersonHandshake {
  read(instruction: Instruction): Result<PersonStep, Fault>;
  /** The parameters of the selected protocol are known: what to send. */
  argsFor(parameters: readonly string[]): Instruction;
}

export type PersonStep =
  | { readonly type: "more" }
  | { readonly type: "selected"; readonly protocol: string }
  | { readonly type: "connected"; readonly opening: Opening };

/** The token that opens a session: `chp-...`, or one sealed by the gateway. */
export const TOKEN_PARAMETER = "chaperone-token";
/** Whoever the web application says it is; only told, never trusted. */
const OWN_PARAMETERS: readonly string[] = [TOKEN_PARAMETER];

/** What one instruction holds, less its name, a version and our own: the last ones go unasked. */
const OTHERS_MAX = ELEMENTS_MAX - 2 - OWN_PARAMETERS.length;

const PROTOCOL = /^[a-z][a-z0-9-]{0,31}$/;

export function createPersonHandshake(): PersonHandshake {
  let stage: "select" | "args" | "wants" | "over" = "select";
  let names: readonly string[] = [];
  let wants: ClientWants = WANTS_DEFAULT;

  function select([protocol = "", ...more]: readonly string[]): Result<PersonStep, Fault> {
    if (protocol.startsWith("$")) {
      return err(fault("CHP_GUACAMOLE_JOIN", "connections are not joined by their number"));
    }
    if (more.length > 0 || !PROTOCOL.test(protocol)) return wrong("select names no protocol");
    stage = "args";
    return ok({ type: "selected", protocol });
  }

  function want({ opcode, args }: Instruction): Result<PersonStep, Fault> {
    switch (opcode) {
      case "size": {
        const size = sizeOf(args);
        if (size === null) return wrong("size is no size of a screen");
        wants = { ...wants, ...size };
        return MORE;
      }
      case "audio":
      case "video":
        wants = { ...wants, [opcode]: args };
        return MORE;
      case "image":
        wants = { ...wants, image: IMAGES.filter((one) => args.includes(one)) };
        return MORE;
      case "timezone":
        wants = { ...wants, timezone: args[0] ?? "" };
        return MORE;
      case "name":
        return MORE; // a label that anybody can choose: who the person is, the token says
      case "connect":
        return connect(args);
      default:
        // As guacd: a newer application may tell more of itself. What belongs behind the handshake is wrong.
        return isKnownOpcode(opcode, "person")
          ? wrong("the handshake is not over: this comes too early")
          : MORE;
    }
  }

  function connect(args: readonly string[]): Result<PersonStep, Fault> {
    if (args.length !== names.length) {
      return wrong(`connect has ${args.length} values for ${names.length} parameters`);
    }
    stage = "over";
    const values = new Map(
      names.flatMap((name, index) => (isVersion(name) ? [] : [[name, args[index] ?? ""] as const])),
    );
    return ok({ type: "connected", opening: { wants, values } });
  }

  return {
    read(instruction) {
      switch (stage) {
        case "select":
          return instruction.opcode === "select"
            ? select(instruction.args)
            : wrong("a connection begins with select");
        case "wants":
          return want(instruction);
        case "args":
        case "over":
          return wrong("the client does not wait for the answer");
      }
    },
    argsFor(parameters) {
      stage = "wants";
      const [first, ...rest] = parameters;
      const version = first !== undefined && isVersion(first) ? [first] : [];
      const others = version.length > 0 ? rest : parameters;
      names = [
        ...version,
        ...others.filter((name) => !OWN_PARAMETERS.includes(name)).slice(0, OTHERS_MAX),
        ...OWN_PARAMETERS,
      ];
      return { opcode: "args", args: names };
    },
  };
}

const MORE: Result<PersonStep, Fault> = ok({ type: "more" });

function wrong(why: string): Result<never, Fault> {
  return err(fault("CHP_GUACAMOLE_HANDSHAKE", why));
}

function sizeOf(args: readonly string[]): Pick<ClientWants, "width" | "height" | "dpi"> | null {
  const [width, height, dpi = WANTS_DEFAULT.dpi] = args.map((arg) =>
    INT.test(arg) ? Number(arg) : 0,
  );
  const good = (side: number | undefined): side is number =>
    side !== undefined && side >= 1 && side <= SIDE_PIXELS_MAX;
  if (!good(width) || !good(height) || !good(dpi) || args.length > 3) return null;
  return { width, height, dpi };
}

const INT = /^[1-9]\d{0,5}$/;
