import { err, fault, ok, type Fault, type Result } from "../../../kernel/index.js";
import type { Instruction } from "../../../model/index.js";
import { IMAGES, type ClientWants } from "./opening.js";
import { isAtLeast, isVersion, versionFor, type ProtocolVersion } from "./version.js";

/** A web application's part of the handshake, played towards the real guacd. */
export interface TargetHandshake {
  readonly start: Instruction;
  /** `values` gives each parameter that guacd names its value. */
  read(instruction: Instruction): Result<TargetStep, Fault>;
}

export type TargetStep =
  | { readonly type: "more"; readonly send: readonly Instruction[] }
  | { readonly type: "parameters"; readonly names: readonly string[] }
  /** guacd's own number of the connection; nobody is told, as whoever knows it can join. */
  | { readonly type: "ready"; readonly number: string };

export interface TargetWishes {
  /** Or the number of a connection that is to be joined. */
  readonly protocol: string;
  readonly wants: ClientWants;
  readonly values: (name: string) => string;
}

/** `wishes` null: only the names of the parameters are wanted, and then nothing is connected. */
export function createTargetHandshake(
  protocol: string,
  wishes: TargetWishes | null,
): TargetHandshake {
  let stage: "args" | "ready" = "args";

  function args(names: readonly string[]): Result<TargetStep, Fault> {
    if (wishes === null) return ok({ type: "parameters", names });
    stage = "ready";
    return ok({ type: "more", send: answer(names, wishes) });
  }

  return {
    start: { opcode: "select", args: [protocol] },
    read({ opcode, args: given }) {
      if (opcode === "nop") return ok({ type: "more", send: [] });
      if (opcode === "error") return wrong(`guacd refuses: ${given[0] ?? "no reason"}`);
      if (stage === "args" && opcode === "args") return args(given);
      if (stage === "ready" && opcode === "ready")
        return ok({ type: "ready", number: given[0] ?? "" });
      return wrong(`guacd says ${stage === "args" ? "no args" : "nothing that is ready"}`);
    },
  };
}

function answer(names: readonly string[], { wants, values }: TargetWishes): readonly Instruction[] {
  const offered = names[0] ?? "";
  const version = versionFor(offered);
  const given = names.map((name) => (isVersion(name) ? version : values(name)));
  const { width, height, dpi, audio, video, image, timezone } = wants;
  return [
    { opcode: "size", args: [width, height, dpi].map(String) },
    { opcode: "audio", args: audio },
    { opcode: "video", args: video },
    { opcode: "image", args: image.length > 0 ? image : IMAGES },
    ...ofVersion(version, "VERSION_1_1_0", {
      opcode: "timezone",
      args: timezone === "" ? [] : [timezone],
    }),
    { opcode: "connect", args: given },
  ];
}

function ofVersion(
  version: ProtocolVersion,
  since: ProtocolVersion,
  instruction: Instruction,
): readonly Instruction[] {
  return isAtLeast(version, since) ? [instruction] : [];
}

function wrong(why: string): Result<never, Fault> {
  return err(fault("CHP_GUACAMOLE_GUACD", why));
}
