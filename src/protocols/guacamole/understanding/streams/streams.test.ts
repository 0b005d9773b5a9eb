import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { activityOf } from "../activity-of.js";
import { instruction } from "../instruction.js";
import type { StreamPolicy } from "../stream-facts.js";
import { OPEN_POLICY, Person } from "../understanding.testing.js";
import { decodeBase64, encodeBase64 } from "./base64.js";
import { detectType } from "./file-type.js";
import { matchesType, nameOf, typeOf } from "./stream-words.js";

const CLOSED = { allowed: false, bytesMax: 0 };
const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString("base64");
const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");
const under = (policy: Partial<StreamPolicy>): Person =>
  new Person({ policy: { ...OPEN_POLICY, ...policy } });

function upload(
  person: Person,
  bytes: Buffer | string,
  name = "/x.txt",
  type = "text/plain",
): Person {
  person.server(instruction("filesystem", "0", "Drive"));
  person.client(instruction("put", "0", "3", type, name));
  for (let at = 0; at < bytes.length; at += 6_000)
    person.client(instruction("blob", "3", base64(bytes.slice(at, at + 6_000))));
  return person.client(instruction("end", "3"));
}
const opcodes = (all: readonly { opcode: string }[]): readonly string[] =>
  all.map(({ opcode }) => opcode);
const outcomes = (person: Person): readonly string[] =>
  person.told("stream-ended").map(({ outcome }) => outcome);

describe("a file", () => {
  it("is counted, hashed and typed while it passes", () => {
    const bytes = Buffer.alloc(20_000, "MZ\u0090\u0000");
    const person = upload(new Person(), bytes, "/tools/a.txt");
    expect(opcodes(person.toServer)).toEqual(["put", "blob", "blob", "blob", "blob", "end"]);
    expect(person.told("stream-ended")).toMatchObject([
      {
        outcome: "completed",
        stream: {
          kind: "upload",
          name: "/tools/a.txt",
          mimetype: "text/plain",
          detected: "application/vnd.microsoft.portable-executable",
          bytes: 20_000,
          sha256: sha256(bytes),
        },
      },
    ]);
  });

  it("that may not be sent is answered with 771, and nothing of it passes", () => {
    const person = upload(under({ upload: CLOSED }), "data");
    expect(person.toServer).toEqual([]);
    expect(person.toClient.at(-1)).toMatchObject({
      opcode: "ack",
      args: ["3", expect.any(String), "771"],
    });
    expect(outcomes(person)).toEqual(["refused"]);
    expect(person.understanding.counts).toMatchObject({ streams: 1, refused: 1 });
  });

  it("that may not be fetched is refused to the server, and the person sees nothing of it", () => {
    const person = under({ download: CLOSED });
    person.server(instruction("file", "6", "application/octet-stream", "report.csv"));
    person.server(instruction("blob", "6", base64("x"))).server(instruction("end", "6"));
    expect(person.toClient).toEqual([]);
    expect(person.toServer).toMatchObject([
      { opcode: "ack", args: ["6", expect.any(String), "771"] },
    ]);
  });

  it("may be as long as the limit and not a byte longer; the server closes what it has", () => {
    const limited = (): Person => under({ upload: { allowed: true, bytesMax: 12_000 } });
    expect(outcomes(upload(limited(), Buffer.alloc(12_000)))).toEqual(["completed"]);
    const person = upload(limited(), Buffer.alloc(12_001));
    expect(opcodes(person.toServer)).toEqual(["put", "blob", "blob", "end"]);
    expect(person.toClient.at(-1)?.args[2]).toBe("781");
    expect(outcomes(person)).toEqual(["refused"]);
  });

  it("is refused for what it is, whatever it is called", () => {
    const refusedTypes = ["application/vnd.microsoft.portable-executable"];
    const person = under({ upload: { allowed: true, bytesMax: 1e6, refusedTypes } });
    upload(person, "MZ\u0090 and more");
    expect(opcodes(person.toServer)).toEqual(["put", "end"]);
    const listed = under({ upload: { allowed: true, bytesMax: 1e6, types: ["text/*"] } });
    expect(outcomes(upload(listed, "hello", "/x", "text/plain"))).toEqual(["completed"]);
    const image = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const disguised = under({ upload: { allowed: true, bytesMax: 1e6, types: ["text/*"] } });
    expect(outcomes(upload(disguised, image))).toEqual(["refused"]);
  });

  it("with data that is no base64 is refused, and told", () => {
    const person = new Person().server(instruction("filesystem", "0", "D"));
    person.client(instruction("put", "0", "1", "text/plain", "/a"));
    person.client(instruction("blob", "1", "A===")).client(instruction("blob", "1", "QUJD"));
    expect(opcodes(person.toServer)).toEqual(["put", "end"]);
    expect(person.told("refused").map(({ what }) => what)).toEqual(["bad-base64"]);
  });

  it("that the server refuses has failed, and the rest of it is not sent", () => {
    const person = new Person().server(instruction("filesystem", "0", "D"));
    person.client(instruction("put", "0", "1", "text/plain", "/a"));
    person.server(instruction("ack", "1", "no space", "512"));
    person.client(instruction("blob", "1", base64("x")));
    expect(outcomes(person)).toEqual(["failed"]);
    expect(opcodes(person.toServer)).toEqual(["put"]);
  });

  it("whose index is used again, or whose connection ends, is aborted", () => {
    const person = new Person().server(instruction("filesystem", "0", "D"));
    person.client(instruction("put", "0", "1", "text/plain", "/a"));
    person.client(instruction("put", "0", "1", "text/plain", "/b"));
    person.take(person.understanding.end(person.now), "from-client");
    expect(outcomes(person)).toEqual(["aborted", "aborted"]);
  });

  it("is told piece by piece where its content is kept, and else not at all", () => {
    const person = upload(new Person({ pieces: true }), "hello world");
    const pieces = person.told("stream-piece").map(({ bytes }) => Buffer.from(bytes).toString());
    expect(pieces.join("")).toBe("hello world");
    expect(upload(new Person(), "x").told("stream-piece")).toEqual([]);
  });

  it("has a name that can be shown", () => {
    const person = upload(new Person(), "x", `/a\u001b[2J\u202egpj.exe${"y".repeat(9_000)}`);
    const name = person.told("stream-ended")[0]?.stream.name ?? "";
    expect(name.startsWith("/a\\x1b[2J\\u{202e}gpj.exe")).toBe(true);
    expect(name.length).toBeLessThan(4_200);
  });

  it("of an object or stream that nobody opened does not pass", () => {
    const person = new Person();
    person.client(instruction("put", "5", "1", "text/plain", "/a"));
    person.client(instruction("blob", "1", base64("x"))).client(instruction("get", "5", "/"));
    person
      .client(instruction("put", "x", "1", "text/plain", "/a"))
      .client(instruction("body", "0", "1", "a/b", "/"));
    expect(person.toServer).toEqual([]);
    expect(person.told("refused").map(({ what }) => what)).toEqual([
      "unknown-stream",
      "unknown-stream",
      "unknown-stream",
      "malformed",
      "malformed",
    ]);
  });

  it("of an object that is gone does not pass", () => {
    const person = new Person().server(instruction("filesystem", "0", "D"));
    person.server(instruction("undefine", "0")).client(instruction("get", "0", "/"));
    expect(person.toServer).toEqual([]);
  });
});

describe("rules about files", () => {
  it("are asked before, when the type is known, and at the end", () => {
    const stages: string[] = [];
    const person = new Person({
      judge: (stream, stage) => {
        stages.push(`${stage} ${JSON.stringify(activityOf(stream, stage))}`);
        return { type: "allowed" };
      },
    });
    upload(person, "#!/bin/sh\n");
    const path = '"direction":"upload","via":"desktop","path":"/x.txt"';
    const content = '"type":"script","text":"#!/bin/sh\\n"';
    expect(stages).toEqual([
      `opened {"kind":"transfer",${path}}`,
      `typed {"kind":"transfer",${path},${content}}`,
      `ended {"kind":"transfer",${path},${content},"bytes":10,"sha256":"${sha256("#!/bin/sh\n")}"}`,
    ]);
  });

  it("may let it wait", () => {
    const person = new Person({
      judge: (_s, stage) => ({ type: stage === "opened" ? "held" : "allowed" }),
    });
    upload(person, "data");
    expect(person.toServer).toEqual([]);
    const [held] = person.told("stream-held");
    person.take(
      person.understanding.decideStream(held?.stream.id ?? 0, { type: "allowed" }),
      "from-client",
    );
    expect(opcodes(person.toServer)).toEqual(["put", "blob", "end"]);
    expect(outcomes(person)).toEqual(["completed"]);
  });

  it("that fail with an error refuse", () => {
    const person = new Person({
      judge: () => {
        throw new Error("a bug");
      },
    });
    expect(outcomes(upload(person, "data"))).toEqual(["refused"]);
  });
});

describe("a clipboard", () => {
  it("passes when all of it is known, and tells its text to rules", () => {
    const person = new Person({
      judge: ({ text }) =>
        text?.includes("key") === true ? { type: "refused", reason: "no" } : { type: "allowed" },
    });
    person.client(instruction("clipboard", "1", "text/plain;charset=utf-8"));
    person.client(instruction("blob", "1", base64("hello")));
    expect(person.toServer).toEqual([]);
    person.client(instruction("end", "1"));
    expect(opcodes(person.toServer)).toEqual(["clipboard", "blob", "end"]);
    person.copies("my key");
    expect(outcomes(person)).toEqual(["completed", "refused"]);
    expect(person.toServer).toHaveLength(3);
  });

  it("goes one way only where the policy says so", () => {
    const oneWay = { upload: OPEN_POLICY.clipboard.upload, download: CLOSED };
    const person = under({ clipboard: oneWay }).copies("a").copies("b", "from-server");
    expect(opcodes(person.toServer)).toEqual(["clipboard", "blob", "end", "ack"]);
    expect(person.toClient).toEqual([]);
    person.chord("Ctrl", "v").press("Enter");
    expect(person.lines.at(-1)?.text).toBe("a");
  });

  it("waits for a verdict as a whole", () => {
    const person = new Person({
      judge: (_s, stage) => ({ type: stage === "ended" ? "held" : "allowed" }),
    });
    person.copies("a");
    const [held] = person.told("stream-held");
    expect(held?.stream.text).toBe("a");
    const answer = person.understanding.decideStream(held?.stream.id ?? 0, { type: "allowed" });
    person.take(answer, "from-client");
    expect(opcodes(person.toServer)).toEqual(["clipboard", "blob", "end"]);
    expect(outcomes(person)).toEqual(["completed"]);
  });

  it("with surrogates written as they are not is mended", () => {
    const cesu = Buffer.from([0x61, 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80, 0x62]);
    const person = new Person();
    person.client(instruction("clipboard", "1", "text/plain"));
    person.client(instruction("blob", "1", base64(cesu))).client(instruction("end", "1"));
    expect(person.told("stream-ended")[0]?.stream.text).toBe("a\u{1f600}b");
    expect(person.toServer[1]?.args[1]).toBe(base64("a\u{1f600}b"));
  });

  it("of a picture has no text, and what it pastes is not known", () => {
    const person = new Person({ protocol: "ssh" });
    person.client(instruction("clipboard", "1", "image/png"));
    person.client(instruction("blob", "1", base64("x"))).client(instruction("end", "1"));
    expect(person.told("stream-ended")[0]?.stream.text).toBeUndefined();
    person.type("a").chord("Shift", "Insert").press("Enter");
    expect(person.lines.at(-1)?.unknowable).toBeDefined();
  });

  it("longer than may wait is refused", () => {
    const person = new Person();
    person.client(instruction("clipboard", "1", "text/plain"));
    const blob = instruction("blob", "1", base64("x".repeat(6_000)));
    for (let i = 0; i < 600; i++) person.client(blob);
    expect(outcomes(person)).toEqual(["refused"]);
  });
});

describe("what else passes", () => {
  it("pictures and sounds of the desktop pass unread", () => {
    const person = new Person();
    const given = [
      instruction("img", "1", "14", "0", "image/png", "0", "0"),
      instruction("blob", "1", "QUJD"),
      instruction("end", "1"),
      instruction("audio", "3", "audio/L16"),
      instruction("blob", "3", "QUJD"),
      instruction("sync", "1"),
    ];
    for (const one of given) person.server(one);
    expect(person.toClient).toEqual(given);
    expect(person.facts).toEqual([]);
  });

  it.each<[string, Partial<StreamPolicy>, readonly string[]]>([
    ["a microphone", { microphone: false }, ["audio", "1", "audio/L16"]],
    [
      "a pipe that types into a terminal",
      { pipe: { upload: false, download: true } },
      ["pipe", "1", "text/plain", "STDIN"],
    ],
    ["an option that nobody asked for", {}, ["argv", "1", "text/plain", "hostname"]],
    ["a USB device", { usb: false }, ["usbconnect", "1", "a"]],
  ])("%s is refused where it may not be", (_what, policy, [opcode = "", ...args]) => {
    const person = under(policy).client(instruction(opcode, ...args));
    expect(person.toServer).toEqual([]);
    expect(outcomes(person)).toEqual(["refused"]);
  });

  it("an answer to the server's question leaves nothing here", () => {
    const person = new Person({ pieces: true }).server(instruction("required", "password"));
    person.client(instruction("argv", "1", "text/plain", "password"));
    person.client(instruction("blob", "1", base64("tiger"))).client(instruction("end", "1"));
    expect(opcodes(person.toServer)).toEqual(["argv", "blob", "end"]);
    expect(JSON.stringify(person.facts)).not.toContain("tiger");
    const [ended] = person.told("stream-ended");
    expect(ended?.stream).toEqual({
      id: 1,
      kind: "argv",
      direction: "from-client",
      mimetype: "text/plain",
      name: "password",
      bytes: 0,
    });
  });

  it("a USB device passes until it is disconnected", () => {
    const person = new Person().client(instruction("usbconnect", "7", "mouse"));
    person.client(instruction("usbdata", "7", "QUJD")).client(instruction("usbdata", "8", "QUJD"));
    person.client(instruction("usbdisconnect", "7")).client(instruction("usbdata", "7", "QUJD"));
    expect(opcodes(person.toServer)).toEqual(["usbconnect", "usbdata", "usbdisconnect"]);
    expect(outcomes(person)).toEqual(["completed"]);
  });
});

describe("base64 of a blob", () => {
  it("is what Node makes of the same bytes", () => {
    for (let length = 0; length < 70; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 37 + length) & 255));
      expect(encodeBase64(bytes)).toBe(base64(bytes));
      expect(Buffer.from(decodeBase64(base64(bytes)) ?? [1, 2, 3])).toEqual(bytes);
    }
  });

  it.each([
    "A",
    "AB",
    "ABC",
    "A===",
    "AB=C",
    "AB==AB==",
    "QUI",
    "QR==",
    "QUJ=",
    "Q UI",
    "QU-_",
    "QUJD\n",
  ])("%j is none", (text) => {
    expect(decodeBase64(text)).toBeNull();
  });
});

describe("types", () => {
  it.each<[string, readonly number[] | string, string | null]>([
    [
      "a ZIP of Word",
      "PK\u0003\u0004....word/document.xml",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ],
    ["a ZIP", "PK\u0003\u0004....a.txt", "application/zip"],
    ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\n", "application/x-private-key"],
    ["a script", "#!/bin/sh", "text/x-script"],
    ["a text", "hello\n", "text/plain"],
    ["nothing", "", null],
    ["other bytes", [0, 1, 2, 3], null],
  ])("%s", (_what, head, type) => {
    expect(
      detectType(typeof head === "string" ? Buffer.from(head, "latin1") : Uint8Array.from(head)),
    ).toBe(type);
  });

  it("are compared without parameters and case", () => {
    expect(typeOf("Text/Plain; charset=x")).toBe("text/plain");
    expect(typeOf("nonsense")).toBe("");
    expect(matchesType("image/*", "image/png")).toBe(true);
    expect(matchesType("image/*", "imagex/png")).toBe(false);
    expect(matchesType("*", "a/b")).toBe(true);
    expect(nameOf("a\u0000b")).toBe("a\\x00b");
  });
});
