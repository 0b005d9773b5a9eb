import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebFile } from "../../../model/index.js";
import { readAnswer } from "../session/own-pages.js";
import { bodyKind, isReadable, readBody, readQuery, type BodyKind } from "./fields.js";
import { watchFile, watchForm } from "./file-watch.js";
import { holdBody } from "./held-body.js";
import { readMultipart } from "./multipart.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (value: unknown) => readBody("json", "application/json", bytes(JSON.stringify(value)));

describe("what a body says", () => {
  it("is read from forms, and secrets have names only", () => {
    const type = "application/x-www-form-urlencoded";
    expect(bodyKind(`${type}; charset=utf-8`)).toBe("urlencoded");
    expect(readBody("urlencoded", type, bytes("name=b%20o+b&password=hunter2&x"))).toEqual({
      fields: [{ name: "name", value: "b o b" }, { name: "password" }, { name: "x", value: "" }],
    });
    expect(readQuery("a=1&token=x")).toEqual([{ name: "a", value: "1" }, { name: "token" }]);
  });

  it("is read from the top level of JSON", () => {
    expect(json({ role: "admin", n: 1, deep: { x: 1 }, api_key: "k" })?.fields).toEqual([
      { name: "role", value: "admin" },
      { name: "n", value: "1" },
      { name: "deep" },
      { name: "api_key" },
    ]);
  });

  it.each([
    [{ jsonrpc: "2.0", method: "user.delete" }, "user.delete"],
    [
      [
        { jsonrpc: "2.0", method: "a" },
        { jsonrpc: "2.0", method: "b" },
      ],
      "a,b",
    ],
    [{ query: "mutation Drop($id: ID!) { drop(id: $id) { ok } }" }, "mutation Drop"],
    [{ query: "{ users { name } }" }, "query users"],
    [{ query: '# mutation x {y}\nquery A { a(s: "mutation b {") }' }, "query A"],
    [{ query: "query A { a } mutation B { b }", operationName: "A" }, "query A,mutation B"],
    [{ name: "x" }, undefined],
  ])("names its operation: %j", (value, operation) => {
    expect(json(value)?.operation).toBe(operation);
  });

  it("is not known when it is not what its type says", () => {
    expect(readBody("json", "application/json", bytes("{"))).toBeNull();
    expect(readBody("urlencoded", "x", Uint8Array.of(0xff))).toBeNull();
    expect(readBody("multipart", "multipart/form-data", bytes(""))).toBeNull();
    const many = Array.from({ length: 513 }, (_, i) => `a${String(i)}=1`).join("&");
    expect(readBody("urlencoded", "x", bytes(many))).toBeNull();
  });

  // Each is understood by some server as `role` = `admin`, and by another as something else.
  it.each([
    '{"role":"admin","role":"viewer"}',
    '{"role":"viewer","r\\u006fle":"admin"}',
    '[{"a":[{"x":1,"x":2}]}]',
  ])("is not known when JSON names something twice: %s", (text) => {
    expect(readBody("json", "application/json", bytes(text))).toBeNull();
  });

  it("is known of JSON in which strings look like names", () => {
    const text = '{"a":"\\":", "b":["x\\"y:", {"c":"{\\"d\\":1}"}], "__proto__":1}';
    expect(readBody("json", "application/json", bytes(text))?.fields).toHaveLength(3);
    fc.assert(fc.property(fc.jsonValue(), (value) => json(value) !== null));
  });

  it("is not known in characters that are no ASCII", () => {
    const type = "application/x-www-form-urlencoded; charset=";
    for (const charset of ["utf-8", '"UTF-8"', "iso-8859-1"]) {
      expect(isReadable(type + charset)).toBe(true);
    }
    for (const charset of ["ibm037", "utf-7", "utf-16", "utf-8; charset=ibm037", ""]) {
      expect(isReadable(type + charset)).toBe(false);
    }
    expect(isReadable("application/json")).toBe(true);
  });

  it("is split at semicolons, too, as some servers do", () => {
    expect(readQuery("a=1;mode=raw&b=2")).toContainEqual({ name: "mode", value: "raw" });
    expect(readQuery("a=1;b")).toContainEqual({ name: "a", value: "1;b" });
  });

  it.each([
    "content-disposition: form-data; name='role'",
    'content-disposition: form-data; name="x"; name="role"',
    'content-disposition: form-data; name="x"\r\ncontent-disposition: form-data; name="role"',
    'content-disposition: form-data; name="r\\ole"',
    'content-disposition: form-data; name="x"; filename="a\\"; name="role"',
    "content-disposition: form-data; name*=utf-8''role",
    'content-disposition: form-data;\r\n name="role"',
    'content-disposition: form-data; name="role"\r\ncontent-transfer-encoding: base64',
  ])("is not known of a form with a part that has %j", (part) => {
    const text = `--b\r\n${part}\r\n\r\nadmin\r\n--b--\r\n`;
    expect(readMultipart("multipart/form-data; boundary=b", bytes(text))).toBeNull();
  });

  it("is not known of a form whose beginning is not where all look for it", () => {
    const part = '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n';
    const type = "multipart/form-data; boundary=b";
    expect(readMultipart(type, bytes(part))).toEqual([{ name: "a", value: "1" }]);
    expect(readMultipart(type, bytes(`x${part}`))).toBeNull();
    expect(readMultipart(type, bytes(`x\r\n${part}`))).toBeNull();
    expect(readMultipart(`${type}; boundary=c`, bytes(part))).toBeNull();
  });

  it("never makes a reader throw", () => {
    const kinds = fc.constantFrom<BodyKind>("urlencoded", "multipart", "json", "graphql");
    fc.assert(
      fc.property(kinds, fc.uint8Array(), (kind, body) => {
        readBody(kind, "multipart/form-data; boundary=b", body);
      }),
    );
  });
});

const FORM = [
  '--b\r\ncontent-disposition: form-data; name="note"\r\n\r\nhello\r\n--c',
  '\r\n--b\r\ncontent-disposition: form-data; name="f"; filename="a b.txt"\r\n',
  "content-type: text/plain\r\n\r\n\r\n--cone\r\n\r\n--b",
  '\r\ncontent-disposition: form-data; name="none"; filename=""\r\n\r\n\r\n--b--\r\n',
].join("");

describe("a form with files", () => {
  it("is the same however the network cuts it", () => {
    const told = (cuts: readonly number[]): readonly WebFile[] => {
      const files: WebFile[] = [];
      const watch = watchForm("multipart/form-data; boundary=b", (file) => files.push(file));
      const all = bytes(FORM);
      const ends = [...cuts.map((cut) => cut % all.length), all.length].sort((a, b) => a - b);
      let start = 0;
      for (const end of ends) {
        watch?.feed(all.subarray(start, end));
        start = end;
      }
      void watch?.end(true);
      return files;
    };
    const whole = told([]);
    const content = "\r\n--cone\r\n";
    expect(whole).toEqual([
      {
        direction: "upload",
        path: "a b.txt",
        bytes: content.length,
        outcome: "passed",
        sha256: createHash("sha256").update(content).digest("hex"),
      },
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 12 }), (cuts) => {
        expect(told(cuts)).toEqual(whole);
      }),
    );
    expect(readMultipart("multipart/form-data; boundary=b", bytes(FORM))).toEqual([
      { name: "note", value: "hello\r\n--c" },
      { name: "f" },
      { name: "none" },
    ]);
  });

  it("in which a content can be taken for a boundary is not read at all", () => {
    const body = FORM.replace("--cone", "--bone");
    expect(readMultipart("multipart/form-data; boundary=b", bytes(body))).toBeNull();
  });

  it("that breaks off tells the file as cut off", () => {
    const files: WebFile[] = [];
    const watch = watchForm("multipart/form-data; boundary=b", (file) => files.push(file));
    watch?.feed(bytes(FORM.slice(0, FORM.indexOf("--cone") + 3)));
    void watch?.end(false);
    expect(files).toMatchObject([{ path: "a b.txt", outcome: "cut-off" }]);
    expect(files[0]).not.toHaveProperty("sha256");
  });
});

describe("a file on its way", () => {
  async function watched(encoding: string | undefined, packed: Uint8Array): Promise<WebFile> {
    return await new Promise((resolve) => {
      const watch = watchFile({ direction: "download", path: "/f", encoding }, resolve);
      for (let i = 0; i < packed.length; i += 10_000) watch.feed(packed.subarray(i, i + 10_000));
      void watch.end(true);
    });
  }

  it("has the digest of what the person saves, packed or not", async () => {
    const content = randomBytes(100_000);
    const sha256 = createHash("sha256").update(content).digest("hex");
    expect(await watched(undefined, content)).toMatchObject({ bytes: 100_000, sha256 });
    expect(await watched("gzip", gzipSync(content))).toMatchObject({ bytes: 100_000, sha256 });
  });

  it("has none when it is a bomb, broken, or packed in a way that is not known", async () => {
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024));
    expect(await watched("gzip", bomb)).not.toHaveProperty("sha256");
    expect(await watched("gzip", randomBytes(100))).not.toHaveProperty("sha256");
    expect(await watched("zstd", randomBytes(100))).not.toHaveProperty("sha256");
  });
});

describe("a body that is held", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "chaperone-held-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([10, 512 * 1024, 512 * 1024 + 1, 3_000_000])(
    "of %i bytes comes out as it went in, and leaves no name in the folder",
    async (length) => {
      const content = randomBytes(length);
      const pieces = Array.from({ length: Math.ceil(length / 60_000) }, (_, i) =>
        content.subarray(i * 60_000, (i + 1) * 60_000),
      );
      const held = await holdBody(Readable.from(pieces), folder);
      if (!held.ok) throw new Error(held.error.message);
      expect(readdirSync(folder)).toEqual([]);
      const out: Buffer[] = [];
      for await (const piece of held.value.stream()) out.push(piece as Buffer);
      expect(Buffer.concat(out).equals(content)).toBe(true);
      held.value.drop();
    },
  );

  it("is refused beyond its limit", async () => {
    const held = await holdBody(Readable.from([Buffer.alloc(11)]), folder, 10);
    expect(held).toMatchObject({ ok: false, error: { code: "CHP_WEB_TOO_LARGE" } });
    expect((await holdBody(Readable.from([Buffer.alloc(10)]), folder, 10)).ok).toBe(true);
  });
});

describe("an answer to a question", () => {
  it("is what was typed and Enter, byte by byte", () => {
    const { hold, typed } = readAnswer(bytes("hold=abc&answer=p%C3%A4ss+w%26rd"));
    expect(hold).toBe("abc");
    expect(new TextDecoder().decode(typed)).toBe("p\u00e4ss w&rd\r");
  });

  it("gives up when it says so, or says nothing", () => {
    expect([...readAnswer(bytes("hold=abc&answer=1&cancel=1")).typed]).toEqual([3]);
    expect([...readAnswer(bytes("")).typed]).toEqual([3]);
  });

  it("holds no keys that would end it early", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        const { typed } = readAnswer(bytes(`answer=${encodeURIComponent(text)}`));
        expect(typed.slice(0, -1).every((byte) => byte >= 0x20 && byte !== 0x7f)).toBe(true);
        expect(typed.at(-1)).toBe(13);
      }),
      { numRuns: 40 },
    );
  });
});
