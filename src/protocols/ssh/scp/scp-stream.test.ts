import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../../kernel/index.js";
import type { FileAsked } from "../../../model/index.js";
import type { FileAnswer } from "../files/file-stream.js";
import {
  cutAt,
  follow,
  granted,
  joined,
  LOOKING,
  refused,
  type Followed,
} from "../files/followed.testing.js";
import { readControlLine } from "./control-line.js";
import { createScpStream } from "./scp-stream.js";

type Way = "upload" | "download";

function start(
  direction: Way,
  answer?: (asked: FileAsked) => FileAnswer | null,
  over: { readonly path?: string; readonly isFolder?: boolean; readonly strict?: boolean } = {},
): Followed {
  const options = { path: "/srv/in", isFolder: true, strict: true, ...over };
  return follow(
    (ports) => createScpStream(ports, { protocol: "scp", direction, ...options }),
    answer,
  );
}

const text = (value: string): Uint8Array => encodeUtf8(value);
const OK = "\0";
const shown = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("an upload by scp", () => {
  it("passes as it is, and is told below the folder it goes into", () => {
    const scp = start("upload");
    scp.stream.fromTarget(text(OK));
    scp.stream.fromPerson(text("C0644 5 a b.txt\n"));
    scp.stream.fromTarget(text(OK));
    scp.stream.fromPerson(text("hello\0"));
    scp.stream.fromTarget(text(OK));
    expect(shown(scp.toTarget())).toBe("C0644 5 a b.txt\nhello\0");
    expect(shown(scp.toPerson())).toBe("\0\0\0");
    expect(scp.done).toMatchObject([
      {
        deed: { operation: "write", path: "/srv/in/a b.txt" },
        outcome: "passed",
        moved: 5,
        whole: true,
      },
    ]);
  });

  it("may land on the place that was named, or in it", () => {
    const scp = start("upload", undefined, { isFolder: false });
    scp.stream.fromPerson(text("C0644 0 x\n\0"));
    expect(scp.asked[0]?.deed).toMatchObject({ path: "/srv/in", or: "/srv/in/x" });
  });

  it("that is refused is refused as a target would, and the next one goes on", () => {
    const scp = start("upload", ({ deed }) =>
      deed.path.endsWith("bad") ? refused("not this") : granted(),
    );
    scp.stream.fromPerson(text("C0644 5 bad\n"));
    expect(shown(scp.toTarget())).toBe("");
    expect(shown(scp.toPerson())).toBe("\u0001scp: not this\n");
    scp.stream.fromPerson(text("C0644 2 good\n"));
    scp.stream.fromPerson(text("ok\0"));
    expect(shown(scp.toTarget())).toBe("C0644 2 good\nok\0");
    expect(scp.done).toMatchObject([{ outcome: "blocked" }]);
  });

  it("is judged by its content before the target hears of it", () => {
    const answer = ({ content }: FileAsked) =>
      content?.head === undefined ? granted(LOOKING) : refused("a miner");
    const scp = start("upload", answer);
    scp.stream.fromPerson(text("C0644 5 x\n"));
    expect(shown(scp.toPerson())).toBe(OK);
    scp.stream.fromPerson(text("mine!\0"));
    expect(shown(scp.toTarget())).toBe("");
    expect(shown(scp.toPerson())).toBe("\0\u0001scp: a miner\n");
    expect(scp.done).toMatchObject([{ outcome: "blocked" }]);
    expect(scp.swallowed.person).toBe(16);
  });

  it("that the target refuses after it was looked at fails as it should", () => {
    const scp = start("upload", () => granted(LOOKING));
    scp.stream.fromPerson(text("C0644 5 x\n"));
    scp.stream.fromPerson(text("hello\0"));
    expect(shown(scp.toTarget())).toBe("C0644 5 x\n");
    scp.stream.fromTarget(text("\u0001scp: x: No space\n"));
    expect(shown(scp.toPerson())).toBe("\0\u0001scp: scp: x: No space\n");
    expect(shown(scp.toTarget())).toBe("C0644 5 x\n");
  });

  it("of folders keeps the names of the folders", () => {
    const scp = start("upload");
    scp.stream.fromPerson(text("D0755 0 top\nD0755 0 sub\nC0644 0 f\n\0E\nE\nC0644 0 g\n\0"));
    expect(scp.asked.map(({ deed }) => [deed.operation, deed.path])).toEqual([
      ["mkdir", "/srv/in/top"],
      ["mkdir", "/srv/in/top/sub"],
      ["write", "/srv/in/top/sub/f"],
      ["write", "/srv/in/g"],
    ]);
  });
});

describe("a download by scp", () => {
  it("that is refused is told to both ends", () => {
    const scp = start("download", () => refused("it stays here"), { path: "/etc/shadow" });
    scp.stream.fromPerson(text(OK));
    scp.stream.fromTarget(text("C0600 5 shadow\n"));
    expect(scp.asked[0]?.deed.path).toBe("/etc/shadow");
    expect(shown(scp.toPerson())).toBe("\u0001scp: it stays here\n");
    expect(shown(scp.toTarget())).toBe("\0\u0001scp: it stays here\n");
  });

  it("of a pattern is told by the names that it became", () => {
    const scp = start("download", undefined, { path: "/etc/*.conf" });
    scp.stream.fromTarget(text("C0600 0 a.conf\n\0"));
    expect(scp.asked[0]?.deed.path).toBe("/etc/a.conf");
  });

  it("whose content is refused does not reach the person", () => {
    const answer = ({ content }: FileAsked) =>
      content?.head === undefined ? granted(LOOKING) : refused("a key");
    const scp = start("download", answer);
    scp.stream.fromTarget(text("C0600 6 id\nsecret\0"));
    expect(shown(scp.toPerson())).toBe("\u0001scp: a key\n");
  });
});

describe("however the network cuts scp", () => {
  const bytes = joined([
    text("T1 0 1 0\nC0644 100000 big\n"),
    new Uint8Array(100_000).fill(65),
    text("\0D0700 0 d\nC0600 3 bad\n"),
    text("C0600 3 ok\nabc\0E\n"),
  ]);
  const run = (places: readonly number[]): readonly unknown[] => {
    const answer = ({ deed }: FileAsked) => (deed.path.endsWith("bad") ? refused() : granted());
    const scp = start("upload", answer);
    for (const part of cutAt(bytes, places)) scp.stream.fromPerson(part);
    const went = scp.toTarget();
    scp.stream.end();
    return [went.length, went.length + scp.swallowed.person, scp.asked, shown(scp.toPerson())];
  };

  it("the same goes on", () => {
    const whole = run([]);
    expect(whole[1]).toBe(bytes.length);
    fc.assert(
      fc.property(fc.array(fc.nat(100_100), { maxLength: 20 }), (places) => {
        expect(run(places)).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it("nothing throws, whatever comes", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Way>("upload", "download"),
        fc.boolean(),
        fc.array(
          fc.oneof(
            fc.string({ unit: "binary", maxLength: 20 }),
            fc.constantFrom("C0644 3 x\n", "D0755 0 d\n", "E\n", "abc\0", "\0", "\u0001no\n"),
          ),
          { maxLength: 15 },
        ),
        (way, strict, parts) => {
          const scp = start(way, () => granted(LOOKING), { strict });
          for (const part of parts) {
            scp.stream.fromPerson(text(part));
            scp.stream.fromTarget(text(part));
          }
          scp.stream.end();
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("a line of scp", () => {
  it.each(["", "x", "C644 1 a", "C0644 a b", "C0644 1 ", "E1", "T1 2"])("is not %j", (line) => {
    expect(readControlLine(line)).toBeNull();
  });
});
