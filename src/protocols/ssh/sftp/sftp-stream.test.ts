import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FileAsked } from "../../../model/index.js";
import {
  cutAt,
  follow,
  granted,
  joined,
  LOOKING,
  refused,
  type Followed,
} from "../files/followed.testing.js";
import { encodeWire, type WireValue } from "../wire/writer.js";
import { FXP, OPEN_FLAG, PACKET_BYTES_MAX, STATUS } from "./packets.js";
import { createSftpStream } from "./sftp-stream.js";

function packet(type: number, ...values: readonly WireValue[]): Uint8Array {
  const payload = encodeWire({ byte: type }, ...values);
  return encodeWire({ uint32: payload.length }, { raw: payload });
}

const u64 = (value: number): WireValue[] => [{ uint32: 0 }, { uint32: value }];
const INIT = packet(FXP.init, { uint32: 3 });
const VERSION = packet(FXP.version, { uint32: 3 });
const open = (id: number, path: string, flags: number): Uint8Array =>
  packet(FXP.open, { uint32: id }, { string: path }, { uint32: flags }, { uint32: 0 });
const PUT = OPEN_FLAG.write | OPEN_FLAG.create | OPEN_FLAG.truncate;
const write = (id: number, handle: string, offset: number, data: Uint8Array): Uint8Array =>
  packet(FXP.write, { uint32: id }, { string: handle }, ...u64(offset), { string: data });
const read = (id: number, handle: string, offset: number, count: number): Uint8Array =>
  packet(FXP.read, { uint32: id }, { string: handle }, ...u64(offset), { uint32: count });
const close = (id: number, handle: string): Uint8Array =>
  packet(FXP.close, { uint32: id }, { string: handle });
const handle = (id: number, text: string): Uint8Array =>
  packet(FXP.handle, { uint32: id }, { string: text });
const status = (id: number, code: number): Uint8Array =>
  packet(FXP.status, { uint32: id }, { uint32: code }, { string: "" }, { string: "" });
const data = (id: number, bytes: Uint8Array): Uint8Array =>
  packet(FXP.data, { uint32: id }, { string: bytes });
const name = (id: number, path: string): Uint8Array =>
  packet(
    FXP.name,
    { uint32: id },
    { uint32: 1 },
    { string: path },
    { string: path },
    { uint32: 0 },
  );

const TEXT = new TextEncoder().encode("what stands in the file\n");
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function start(answer?: Parameters<typeof follow>[1], strict = true): Followed {
  return follow((ports) => createSftpStream(ports, { strict }), answer);
}

function begun(answer?: Parameters<typeof follow>[1]): Followed {
  const sftp = start(answer);
  sftp.stream.fromPerson(INIT);
  sftp.stream.fromTarget(VERSION);
  return sftp;
}

/** An upload as clients do it, each answer before the next request. */
function upload(sftp: Followed, path = "/tmp/a", bytes = TEXT): void {
  sftp.stream.fromPerson(open(1, path, PUT));
  sftp.stream.fromTarget(handle(1, "h"));
  sftp.stream.fromPerson(write(2, "h", 0, bytes));
  sftp.stream.fromTarget(status(2, STATUS.ok));
  sftp.stream.fromPerson(close(3, "h"));
  sftp.stream.fromTarget(status(3, STATUS.ok));
}

describe("a file sent by SFTP", () => {
  it("passes as it is and is told with its hash and its beginning", () => {
    const sftp = begun();
    upload(sftp);
    expect(sftp.toTarget()).toEqual(
      joined([INIT, open(1, "/tmp/a", PUT), write(2, "h", 0, TEXT), close(3, "h")]),
    );
    expect(sftp.done).toMatchObject([
      { deed: { operation: "write", path: "/tmp/a" }, outcome: "passed", moved: TEXT.length },
    ]);
    expect(sftp.done[0]).toMatchObject({ head: TEXT, whole: true, sha256: sha256(TEXT) });
  });

  it("that is refused never reaches the server, and the client is answered", () => {
    const sftp = begun(() => refused("the vault takes nothing"));
    sftp.stream.fromPerson(open(7, "/vault/a", PUT));
    expect(sftp.toTarget()).toEqual(INIT);
    expect(sftp.personText()).toContain("the vault takes nothing");
    expect(sftp.toPerson().slice(VERSION.length + 4, VERSION.length + 13)).toEqual(
      Uint8Array.of(FXP.status, 0, 0, 0, 7, 0, 0, 0, STATUS.permissionDenied),
    );
    expect(sftp.done).toMatchObject([{ outcome: "blocked" }]);
    expect(sftp.swallowed.person).toBe(open(7, "/vault/a", PUT).length);
  });

  it("waits for an answer that is late, and what follows waits behind it", () => {
    const sftp = begun(() => null);
    sftp.stream.fromPerson(
      joined([open(1, "/a", PUT), packet(FXP.stat, { uint32: 2 }, { string: "/" })]),
    );
    expect(sftp.toTarget()).toEqual(INIT);
    let idle = false;
    sftp.stream.whenPersonIdle(() => (idle = true));
    expect(idle).toBe(false);
    sftp.waiting[0]?.(granted());
    expect(sftp.toTarget()).toEqual(
      joined([INIT, open(1, "/a", PUT), packet(FXP.stat, { uint32: 2 }, { string: "/" })]),
    );
    expect(idle).toBe(true);
  });

  it("is judged by its content before any of it passes", () => {
    const sftp = begun(({ content }) => (content === undefined ? granted(LOOKING) : refused("no")));
    upload(sftp);
    expect(sftp.toTarget()).toEqual(joined([INIT, open(1, "/tmp/a", PUT), close(3, "h")]));
    expect(sftp.asked[1]?.content?.head).toEqual(TEXT);
    expect(sftp.done).toMatchObject([{ outcome: "blocked" }]);
  });

  it("is refused when it comes in pieces too small to be looked at", () => {
    const sftp = begun(() => granted(LOOKING));
    sftp.stream.fromPerson(open(1, "/a", PUT));
    sftp.stream.fromTarget(handle(1, "h"));
    for (let i = 0; i < 300; i += 1) {
      sftp.stream.fromPerson(write(2 + i, "h", i, Uint8Array.of(65)));
      sftp.stream.fromTarget(status(2 + i, STATUS.ok));
    }
    expect(sftp.asked.length).toBeLessThan(300);
    expect(sftp.personText()).toContain("too small");
  });

  it("is stopped at a size that is asked about", () => {
    const grant = { sizes: [40], content: false, end: false, sha256: false };
    const sftp = begun(({ content }) =>
      content === undefined ? granted(grant) : refused("large"),
    );
    sftp.stream.fromPerson(open(1, "/a", PUT));
    sftp.stream.fromTarget(handle(1, "h"));
    sftp.stream.fromPerson(write(2, "h", 0, new Uint8Array(39)));
    sftp.stream.fromPerson(write(3, "h", 39, new Uint8Array(39)));
    sftp.stream.fromPerson(write(4, "h", 78, new Uint8Array(39)));
    expect(sftp.toTarget()).toEqual(
      joined([INIT, open(1, "/a", PUT), write(2, "h", 0, new Uint8Array(39))]),
    );
    expect(sftp.asked.map(({ content }) => content?.bytes)).toEqual([undefined, 78]);
  });

  it("has no text when something stood in it before", () => {
    const sftp = begun();
    sftp.stream.fromPerson(open(1, "/a", OPEN_FLAG.write));
    sftp.stream.fromTarget(handle(1, "h"));
    sftp.stream.fromPerson(write(2, "h", 0, TEXT));
    sftp.stream.fromPerson(close(3, "h"));
    sftp.stream.fromTarget(joined([status(2, STATUS.ok), status(3, STATUS.ok)]));
    expect(sftp.done).toMatchObject([{ whole: false, outcome: "passed" }]);
  });
});

describe("a file fetched by SFTP", () => {
  const fetched = (sftp: Followed): void => {
    sftp.stream.fromPerson(open(1, "/a", OPEN_FLAG.read));
    sftp.stream.fromTarget(handle(1, "h"));
    sftp.stream.fromPerson(read(2, "h", 0, 4096));
    sftp.stream.fromTarget(data(2, TEXT));
    sftp.stream.fromPerson(close(3, "h"));
    sftp.stream.fromTarget(status(3, STATUS.ok));
  };

  it("passes as it is and is told", () => {
    const sftp = begun();
    fetched(sftp);
    expect(sftp.toPerson()).toEqual(
      joined([VERSION, handle(1, "h"), data(2, TEXT), status(3, STATUS.ok)]),
    );
    expect(sftp.done).toMatchObject([
      { deed: { operation: "read" }, outcome: "passed", moved: TEXT.length, sha256: sha256(TEXT) },
    ]);
  });

  it("whose content is refused is not seen by the client", () => {
    const sftp = begun(({ content }) =>
      content === undefined ? granted(LOOKING) : refused("secret"),
    );
    fetched(sftp);
    expect(sftp.personText()).not.toContain("what stands");
    expect(sftp.personText()).toContain("secret");
    expect(sftp.done).toMatchObject([{ outcome: "blocked" }]);
  });
});

describe("what else SFTP does", () => {
  const rename = (id: number): Uint8Array =>
    packet(FXP.rename, { uint32: id }, { string: "/a" }, { string: "/b" });

  it("is asked about by name and told with what became of it", () => {
    const sftp = begun();
    sftp.stream.fromPerson(rename(1));
    sftp.stream.fromTarget(status(1, STATUS.failure));
    expect(sftp.asked).toMatchObject([{ deed: { operation: "rename", path: "/a", to: "/b" } }]);
    expect(sftp.done).toMatchObject([{ outcome: "failed" }]);
  });

  it("is judged by the paths that the server resolves, where that is wanted", () => {
    const sftp = begun(({ deed }) => (deed.real === undefined ? { type: "resolve" } : granted()));
    sftp.stream.fromPerson(open(1, "link/passwd", PUT));
    const asked = packet(FXP.realpath, { uint32: 0xf0000000 }, { string: "link/passwd" });
    expect(sftp.toTarget()).toEqual(joined([INIT, asked]));
    sftp.stream.fromTarget(name(0xf0000000, "/etc/passwd"));
    expect(sftp.asked[1]?.deed.real).toBe("/etc/passwd");
    expect(sftp.toTarget()).toEqual(joined([INIT, asked, open(1, "link/passwd", PUT)]));
    expect(sftp.toPerson()).toEqual(VERSION);
  });

  it("leads a client that offers a later version to the one that is understood", () => {
    const sftp = start();
    sftp.stream.fromPerson(packet(FXP.init, { uint32: 6 }));
    expect(sftp.toTarget()).toEqual(INIT);
  });

  it("refuses handles that the server has not told", () => {
    const sftp = begun();
    sftp.stream.fromPerson(write(9, "guessed", 0, TEXT));
    expect(sftp.toTarget()).toEqual(INIT);
    expect(sftp.personText()).toContain("not open");
  });

  it.each([
    ["too long", encodeWire({ uint32: PACKET_BYTES_MAX + 1 }, { byte: FXP.open })],
    ["of no known type", packet(99, { uint32: 1 })],
    ["cut short", packet(FXP.open, { uint32: 1 }, { uint32: 400 })],
    ["begun twice", INIT],
  ])(
    "that is %s ends the stream where rules are in force, and passes unseen where none are",
    (_, bytes) => {
      const strict = begun();
      strict.stream.fromPerson(bytes);
      expect(strict.lost).toHaveLength(1);
      expect(strict.toTarget()).toEqual(INIT);
      const lenient = start(undefined, false);
      lenient.stream.fromPerson(joined([INIT, bytes]));
      lenient.stream.fromPerson(TEXT);
      expect(lenient.toTarget()).toEqual(joined([INIT, bytes, TEXT]));
    },
  );

  it("tells of what was open when the channel ends", () => {
    const sftp = begun();
    sftp.stream.fromPerson(open(1, "/a", PUT));
    sftp.stream.fromTarget(handle(1, "h"));
    sftp.stream.fromPerson(write(2, "h", 0, TEXT));
    sftp.stream.end();
    expect(sftp.done).toMatchObject([{ outcome: "cut-off", moved: TEXT.length }]);
  });
});

describe("however the network cuts SFTP", () => {
  const requests = joined([
    INIT,
    open(1, "/tmp/a", PUT),
    write(2, "h", 0, TEXT),
    write(3, "h", TEXT.length, new Uint8Array(70_000).fill(9)),
    open(4, "/refused", PUT),
    read(5, "r", 0, 100),
    close(6, "h"),
  ]);
  const answers = joined([VERSION, handle(1, "h"), status(2, 0), data(77, TEXT), status(3, 0)]);
  const answer = ({ deed }: FileAsked) => (deed.path === "/refused" ? refused() : granted(LOOKING));

  it("the same goes on, and the same is asked", () => {
    const run = (places: readonly number[]): readonly unknown[] => {
      const sftp = start(answer);
      // The handle has to be known before it is used.
      const first = INIT.length + open(1, "/tmp/a", PUT).length;
      for (const part of cutAt(requests.slice(0, first), places)) sftp.stream.fromPerson(part);
      for (const part of cutAt(answers, places)) sftp.stream.fromTarget(part);
      for (const part of cutAt(requests.slice(first), places)) sftp.stream.fromPerson(part);
      sftp.stream.end();
      const moved = sftp.toTarget().length + sftp.swallowed.person;
      return [
        sha256(sftp.toTarget()),
        sftp.asked.map(({ deed, content }) => [deed, content?.bytes, content?.sha256]),
        sftp.done.map(({ head, ...rest }) => [rest, head === undefined ? "" : sha256(head)]),
        moved === requests.length,
        sha256(sftp.toPerson()),
      ];
    };
    const whole = run([]);
    expect(whole[3]).toBe(true);
    fc.assert(
      fc.property(fc.array(fc.nat(80_000), { maxLength: 30 }), (places) => {
        expect(run(places)).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it("nothing throws, whatever comes", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 40 }),
            fc
              .tuple(fc.constantFrom(...Object.values(FXP)), fc.uint8Array({ maxLength: 40 }))
              .map(([type, raw]) => packet(type, { raw })),
          ),
          { maxLength: 12 },
        ),
        (strict, chunks) => {
          const sftp = start(undefined, strict);
          sftp.stream.fromPerson(INIT);
          let fed = INIT.length;
          for (const chunk of chunks) {
            sftp.stream.fromPerson(chunk);
            sftp.stream.fromTarget(chunk);
            fed += chunk.length;
          }
          sftp.stream.end();
          expect(sftp.toTarget().length + sftp.swallowed.person).toBeLessThanOrEqual(fed);
        },
      ),
      { numRuns: 300 },
    );
  });
});
