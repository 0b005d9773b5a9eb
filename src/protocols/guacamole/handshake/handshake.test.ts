import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instruction } from "../../../model/index.js";
import { ELEMENTS_MAX } from "../codec/index.js";
import {
  createPersonHandshake,
  createTargetHandshake,
  parameterValues,
  WANTS_DEFAULT,
  type TargetParameters,
} from "./index.js";

const say = (opcode: string, ...args: readonly string[]): Instruction => ({ opcode, args });
const NAMES = ["VERSION_1_5_0", "hostname", "password"] as const;

function selected(): ReturnType<typeof createPersonHandshake> {
  const handshake = createPersonHandshake();
  expect(handshake.read(say("select", "rdp"))).toMatchObject({ value: { type: "selected" } });
  return handshake;
}

describe("the handshake with a web application", () => {
  it("asks for our own parameter behind those of guacd, whatever guacd calls its own", () => {
    const names = selected().argsFor([...NAMES, "chaperone-token"]).args;
    expect(names).toEqual([...NAMES, "chaperone-token"]);
  });

  it("asks for no more than one instruction holds, and for our own in any case", () => {
    const many = Array.from({ length: ELEMENTS_MAX }, (_, at) => `name-${at}`);
    const names = selected().argsFor(["VERSION_1_5_0", ...many]).args;
    expect(names).toHaveLength(ELEMENTS_MAX - 1);
    expect(names.at(-1)).toBe("chaperone-token");
  });

  it("reads on when an application tells what is not known yet", () => {
    const handshake = selected();
    handshake.argsFor(NAMES);
    expect(handshake.read(say("colours-of-2030", "many"))).toMatchObject({
      value: { type: "more" },
    });
  });

  it("is over, refused or goes on, whatever is said in whatever order", () => {
    const word = fc.constantFrom(
      ..."select size audio video image timezone name connect key nop args ready".split(" "),
    );
    const said = fc.record({
      opcode: fc.oneof(word, fc.string({ maxLength: 8 })),
      args: fc.array(fc.oneof(fc.constantFrom("rdp", "$1", "640", "chp-x"), fc.string()), {
        maxLength: 5,
      }),
    });
    fc.assert(
      fc.property(fc.array(said, { maxLength: 12 }), fc.boolean(), (all, early) => {
        const person = createPersonHandshake();
        if (early) person.argsFor(NAMES);
        const target = createTargetHandshake("rdp", null);
        for (const one of all) {
          const step = person.read(one);
          if (step.ok && step.value.type === "connected") {
            expect([...step.value.opening.values.keys()]).toContain("chaperone-token");
          }
          target.read(one);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("gives values by their names, and what the screen is like", () => {
    const handshake = selected();
    handshake.argsFor(NAMES);
    handshake.read(say("size", "800", "600"));
    handshake.read(say("image", "image/webp", "image/jpeg"));
    handshake.read(say("name", "anybody at all"));
    const done = handshake.read(say("connect", "VERSION_1_1_0", "h", "p", "chp-token"));
    if (!done.ok || done.value.type !== "connected") throw new Error("not connected");
    const { values, wants } = done.value.opening;
    expect([...values]).toEqual([
      ["hostname", "h"],
      ["password", "p"],
      ["chaperone-token", "chp-token"],
    ]);
    expect(wants).toMatchObject({ width: 800, height: 600, dpi: 96, image: ["image/jpeg"] });
  });

  it.each([
    ["something before select", [say("connect")], "CHP_GUACAMOLE_HANDSHAKE"],
    ["a number to join", [say("select", "$2a7b4275")], "CHP_GUACAMOLE_JOIN"],
    ["a protocol that is no name", [say("select", "../rdp")], "CHP_GUACAMOLE_HANDSHAKE"],
    ["two protocols", [say("select", "rdp", "vnc")], "CHP_GUACAMOLE_HANDSHAKE"],
    [
      "values before their names",
      [say("select", "rdp"), say("connect")],
      "CHP_GUACAMOLE_HANDSHAKE",
    ],
  ])("refuses %s", (_, said, code) => {
    const handshake = createPersonHandshake();
    const last = said.map((one) => handshake.read(one)).at(-1);
    expect(last).toMatchObject({ ok: false, error: { code } });
  });

  it.each([
    ["a value too few", say("connect", "", "", "")],
    ["a value too many", say("connect", "", "", "", "", "")],
    ["a screen of nothing", say("size", "0", "600")],
    ["a screen that no machine has", say("size", "8193", "600")],
    ["keys before the end", say("key", "65", "1")],
  ])("refuses %s", (_, said) => {
    const handshake = selected();
    handshake.argsFor(NAMES);
    expect(handshake.read(said)).toMatchObject({ error: { code: "CHP_GUACAMOLE_HANDSHAKE" } });
  });
});

describe("the handshake with guacd", () => {
  const wishes = { protocol: "rdp", wants: WANTS_DEFAULT, values: (name: string) => `<${name}>` };

  it.each([
    ["VERSION_1_5_0", "VERSION_1_5_0", true],
    ["VERSION_1_1_0", "VERSION_1_1_0", true],
    ["VERSION_2_0_0", "VERSION_1_5_0", true],
    ["hostname", "<hostname>", false],
  ])("with %s says %s", (offered, answered, hasTimezone) => {
    const handshake = createTargetHandshake("rdp", wishes);
    expect(handshake.start).toEqual(say("select", "rdp"));
    const step = handshake.read(say("args", offered, "port"));
    if (!step.ok || step.value.type !== "more") throw new Error("no answer");
    expect(step.value.send.at(-1)).toEqual(say("connect", answered, "<port>"));
    expect(step.value.send.some(({ opcode }) => opcode === "timezone")).toBe(hasTimezone);
    expect(handshake.read(say("ready", "$1"))).toMatchObject({ value: { type: "ready" } });
  });

  it("tells why guacd does not want to", () => {
    const handshake = createTargetHandshake("rdp", wishes);
    expect(handshake.read(say("error", "no such protocol", "519"))).toMatchObject({
      error: { code: "CHP_GUACAMOLE_GUACD", message: "guacd refuses: no such protocol" },
    });
  });
});

describe("the parameters that guacd gets", () => {
  const target: TargetParameters = {
    host: "10.0.0.7",
    port: 3389,
    settings: { security: "nla", "color-depth": "24" },
    credential: { username: "root", password: "ours" },
    policy: {
      readOnly: true,
      copy: false,
      paste: true,
      upload: false,
      download: true,
      microphone: false,
      pipes: false,
      clipboardBytesMax: 1,
      fileBytesMax: 1,
    },
  };
  const given = new Map([
    ["hostname", "198.51.100.1"],
    ["username", "them"],
    ["password", "theirs"],
    ["domain", "THEIRS"],
    ["read-only", ""],
    ["disable-copy", "false"],
    ["disable-upload", ""],
    ["enable-audio-input", "true"],
    ["initial-program", "cmd.exe"],
    ["wol-send-packet", "true"],
    ["recording-path", "/tmp"],
    ["color-depth", "8"],
    ["server-layout", "pt-br-qwerty"],
  ]);

  it.each([
    ["hostname", "10.0.0.7"],
    ["port", "3389"],
    ["username", "root"],
    ["password", "ours"],
    ["domain", ""],
    ["security", "nla"],
    ["read-only", "true"],
    ["disable-copy", "true"],
    ["disable-paste", ""],
    ["disable-upload", "true"],
    ["sftp-disable-upload", "true"],
    ["enable-audio-input", ""],
    ["initial-program", ""],
    ["wol-send-packet", ""],
    ["recording-path", ""],
    ["color-depth", "24"],
    ["server-layout", "pt-br-qwerty"],
  ])("%s: %s", (name, value) => {
    expect(parameterValues(given, target, WANTS_DEFAULT)(name)).toBe(value);
  });

  it("are name and password of the gateway where the account says so", () => {
    const values = parameterValues(given, { ...target, credential: null }, WANTS_DEFAULT);
    expect(["username", "password", "domain", "hostname"].map(values)).toEqual([
      "them",
      "theirs",
      "THEIRS",
      "10.0.0.7",
    ]);
  });
});
