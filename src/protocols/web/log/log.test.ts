import { brotliCompressSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyRoom, KEPT_BYTES_MAX, KeptBody } from "./kept-body.js";
import { KeptMessages } from "./kept-messages.js";
import { maskedAddress } from "./masked-address.js";
import { maskedBody } from "./masked-body.js";
import { maskedFields } from "./masked-fields.js";
import { maskedPath } from "./masked-path.js";
import { maskedText } from "./masked-text.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");

describe("text in the request log", () => {
  it.each([
    ["password=hunter2&a=1", "password=[masked]&a=1"],
    ['{"db_password": "a \\" b", "x": 1}', '{"db_password": [masked], "x": 1}'],
    ['{\\"token\\":\\"abc\\"}', '{\\"token\\":[masked]}'],
    ["login(user: 'a', password: 'b')", "login(user: 'a', password: [masked])"],
    ["Authorization: Bearer abcdef.ghi", "Authorization: [masked] [masked]"],
    ["see Bearer abcdefgh", "see Bearer [masked]"],
    ["id eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x end", "id [masked] end"],
    ["<api-key>abc</api-key><b>c</b>", "<api-key>[masked]</api-key><b>c</b>"],
    ['<input type="password" value="x y">', '<input type="password" value="[masked]">'],
    ["<input name=csrf value=xyz>", '<input name=csrf value="[masked]">'],
    ["-----BEGIN RSA PRIVATE KEY-----\nMII\n", "[masked]"],
    ["a passport and a tokenizer", "a passport and a tokenizer"],
  ])("%s is kept as %s", (text, kept) => {
    expect(maskedText(text)).toBe(kept);
  });

  // What a backtracking expression would take minutes for.
  it.each([
    ["pass".repeat(30_000)],
    [`${"eyJ-".repeat(30_000)}.`],
    ["<input ".repeat(20_000)],
    ['password="'.repeat(12_000)],
    [`bearer${" ".repeat(120_000)}`],
    ["-----BEGIN PRIVATE KEY-----".repeat(4_000)],
  ])("of any form is looked through once", (text) => {
    expect(maskedText(text).length).toBeLessThanOrEqual(text.length * 2);
  });
});

describe("an address in the request log", () => {
  it.each([
    [
      "https://a.example/x?page=1&access_token=abc#top",
      "https://a.example/x?page=1&access_token=[masked]",
    ],
    ["https://user:pw@a.example/x", "https://a.example/x"],
    ["/cb?code=abc&state=def&a%20b=%ZZ", "/cb?code=[masked]&state=[masked]&a%20b=%ZZ"],
    ["/x?pass%77ord=abc", "/x?pass%77ord=[masked]"],
    ["https://token.example/app/abcdef1234567890", "https://token.example/app/abcdef1234567890"],
    ["https://a.example/token/abcdef12?x=1", "https://a.example/token/[masked]?x=1"],
    ["?", "?"],
  ])("%s is kept as %s", (address, kept) => {
    expect(maskedAddress(address)).toBe(kept);
  });
});

describe("a path in events and in the request log", () => {
  it.each([
    ["/reset/3f9c2b7a1d", "/reset/[masked]"],
    ["/password_reset/MQ/c5x-9a0b1c2d3e4f5a6b/", "/password_reset/MQ/[masked]/"],
    ["/auth/reset-password/QmFzZTY0VG9rZW4", "/auth/reset-password/[masked]"],
    ["/users/confirm%61tion/x/98765432", "/users/confirm%61tion/x/[masked]"],
    ["/resetPassword/01939999-aaaa-7bbb-8ccc-1234567890ab", "/resetPassword/[masked]"],
    ["/api/eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x/me", "/api/[masked]/me"],
    ["/x/token=abc", "/x/token=[masked]"],
  ])("%s is kept as %s", (path, kept) => {
    expect(maskedPath(path)).toBe(kept);
  });

  it.each([
    ["/"],
    ["/api/tokens/17"],
    ["/api/token/refresh"],
    ["/settings/password/change"],
    ["/api/v1/namespaces/default/secrets/db-password-2"],
    ["/commits/4f2a9c0e1b3d5f7a9c0e1b3d5f7a9c0e1b3d5f7a"],
    ["/authors/alice1234567890/posts"],
    ["/%ZZ/%"],
  ])("%s stays what it is", (path) => {
    expect(maskedPath(path)).toBe(path);
  });

  it("keeps its number of segments, whatever is in it", () => {
    const part = fc.oneof(fc.constantFrom("reset", "token", "a%2Fb", "eyJ"), fc.string());
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const path = parts.join("/");
        expect(maskedPath(path).split("/")).toHaveLength(path.split("/").length);
      }),
    );
  });
});

describe("header fields in the request log", () => {
  it("keep the values of which it is known that they hold no secret", () => {
    expect(
      maskedFields([
        ["accept", "text/html"],
        ["authorization", "Basic abc"],
        ["cookie", "a=1"],
        ["x-whatever", "abc"],
        ["referer", "https://a/?token=abc"],
        ["user-agent", "x".repeat(5_000)],
      ]),
    ).toEqual([
      ["accept", "text/html"],
      ["authorization", null],
      ["cookie", null],
      ["x-whatever", null],
      ["referer", "https://a/?token=[masked]"],
      ["user-agent", null],
    ]);
  });
});

describe("a body in the request log", () => {
  const take = (
    pieces: readonly Uint8Array[],
    {
      type = "text/plain",
      encoding,
      room = new BodyRoom(),
      whole = true,
    }: {
      readonly type?: string;
      readonly encoding?: string;
      readonly room?: BodyRoom;
      readonly whole?: boolean;
    } = {},
  ) => {
    const body = new KeptBody({ of: "response", contentType: type, encoding }, room);
    for (const piece of pieces) body.feed(piece);
    return body.take(whole);
  };

  it("has no secrets by the names of its fields, wherever they stand", () => {
    const json = { user: { pwd: "a" }, list: [{ name: "password", value: "b" }], n: 1, secret: 5 };
    const kept = take([bytes(JSON.stringify(json))], { type: "application/json" });
    expect(kept?.content).toEqual({
      text: '{"user":{"pwd":"[masked]"},"list":[{"name":"password","value":"[masked]"}],"n":1,"secret":"[masked]"}',
      cut: false,
    });
    const form = take([bytes("a=1&api_key=b")], { type: "application/x-www-form-urlencoded" });
    expect(form?.content).toEqual({ text: "a=1&api_key=%5Bmasked%5D", cut: false });
    const sent = take([bytes('{"password":"x"}')], { type: "text/plain;charset=UTF-8" });
    expect(sent?.content).toEqual({ text: '{"password":"[masked]"}', cut: false });
  });

  it("is left out where its secrets could not be found: cut, broken, or packed in another way", () => {
    const json = "application/json";
    const long = [bytes(`["${"x".repeat(KEPT_BYTES_MAX)}"]`)];
    expect(take(long, { type: json })?.content).toEqual({ left: "too-long" });
    expect(take([bytes('{"a":')], { type: json })?.content).toEqual({ left: "unreadable" });
    expect(take([bytes('{"a":')], { type: json, whole: false })?.content).toEqual({
      left: "broken-off",
    });
    expect(take([bytes("x")], { encoding: "zstd" })?.content).toEqual({ left: "packed" });
    expect(take([bytes("x")], { encoding: "gzip" })?.content).toEqual({ left: "unreadable" });
  });

  it("is unpacked within a bound, however much comes out", () => {
    const packed = gzipSync('{"a":1}');
    expect(take([packed], { type: "application/json", encoding: "gzip" })?.content).toEqual({
      text: '{"a":1}',
      cut: false,
    });
    const bomb = brotliCompressSync(Buffer.alloc(2_000_000));
    expect(take([bomb], { encoding: "br" })?.content).toEqual({ left: "too-long" });
  });

  it("is kept up to its limit, as text or as bytes, and no character is cut in two", () => {
    const text = take([bytes("ä".repeat(KEPT_BYTES_MAX))]);
    expect(text).toMatchObject({ bytes: KEPT_BYTES_MAX * 2, content: { cut: true } });
    expect(JSON.stringify(text)).not.toContain("\uFFFD");
    const odd = take([bytes(`x${"ä".repeat(KEPT_BYTES_MAX)}`)]);
    expect(odd?.content).toMatchObject({ text: `x${"ä".repeat(KEPT_BYTES_MAX / 2 - 1)}` });
    const binary = take([Buffer.from([0, 1, 2])], { type: "image/png" });
    expect(binary?.content).toEqual({ base64: "AAEC", cut: false });
    expect(take([bytes("x".repeat(KEPT_BYTES_MAX))])?.content).toMatchObject({ cut: false });
    expect(take([bytes("x".repeat(KEPT_BYTES_MAX + 1))])?.content).toMatchObject({ cut: true });
  });

  it("has no more memory than its session has for all of them, and gives it back", () => {
    const room = new BodyRoom();
    const open = Array.from({ length: 40 }, () => {
      const body = new KeptBody(
        { of: "request", contentType: "text/plain", encoding: undefined },
        room,
      );
      body.feed(bytes("x".repeat(KEPT_BYTES_MAX)));
      return body;
    });
    const contents = open.map((body) => body.take(true)?.content ?? {});
    expect(contents.filter((one) => "text" in one)).toHaveLength(32);
    expect(contents.slice(32)).toEqual(Array.from({ length: 8 }, () => ({ left: "no-room" })));
    expect(take([bytes("y")], { room })?.content).toEqual({ text: "y", cut: false });
  });

  it("never makes anybody throw", () => {
    const types = fc.constantFrom(
      ...[
        "application/json",
        "multipart/form-data; boundary=b",
        "text/html",
        "application/graphql",
      ],
      ...["application/x-www-form-urlencoded", "", "image/png"],
    );
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 200 }), fc.boolean(), (type, content, cut) => {
        maskedBody(type, content, cut);
      }),
    );
    const deep = bytes("[".repeat(60_000) + "]".repeat(60_000));
    expect(maskedBody("application/json", deep, false)).toBeDefined();
  });
});

describe("messages of a WebSocket in the request log", () => {
  const say = (kept: KeptMessages, text: string | Uint8Array, of: "person" | "target" = "person") =>
    kept.take(of, {
      binary: typeof text !== "string",
      bytes: typeof text === "string" ? bytes(text) : text,
    });

  it.each([
    "l",
    "ls\r",
    "\u0003",
    '{"type":"input","data":"ls"}',
    '["stdin","l"]',
    '42["input","l"]',
  ])("that begin with %j are keys, and leave nothing but that they are", (first) => {
    const kept = new KeptMessages();
    expect(say(kept, first)).toEqual({
      of: "person",
      binary: false,
      bytes: 0,
      content: { left: "keys" },
    });
    expect(say(kept, "hunter2-long")).toBeNull();
    expect(say(kept, "shown", "target")?.content).toEqual({ text: "shown", cut: false });
  });

  it.each(["\u001b[?2004h$ ", '{"data":"\\u001b[1m"}'])(
    "behind %j of the target are keys",
    (drawn) => {
      const kept = new KeptMessages();
      expect(say(kept, "before it was known")?.bytes).toBe(19);
      say(kept, drawn, "target");
      expect(say(kept, "hunter2-long")?.content).toEqual({ left: "keys" });
      expect(say(kept, "hunter2-long")).toBeNull();
    },
  );

  it("that keep a connection alive are not told, and end nothing", () => {
    const kept = new KeptMessages();
    expect(say(kept, "2")).toBeNull();
    expect(say(kept, '{"op":"subscribe"}')?.content).toEqual({
      text: '{"op":"subscribe"}',
      cut: false,
    });
    const long = say(kept, "x".repeat(KEPT_BYTES_MAX + 1))?.content;
    expect(long).toEqual({ text: "x".repeat(KEPT_BYTES_MAX), cut: true });
  });
});
