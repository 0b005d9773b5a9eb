import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { permitScript } from "./csp.js";
import { injectIntoHead } from "./head-injection.js";
import { readKeyReport } from "./key-report.js";
import { readViewReport } from "./view-report.js";
import { pageScript } from "./page-script.js";

const NEEDS = { folder: "https://wiki.example/.chaperone/", nonce: "N" };

describe("the policy of a page that gets the script", () => {
  it.each([
    ["default-src 'self'", "default-src 'self'"],
    [
      "script-src 'self' 'unsafe-inline'; img-src *",
      "script-src 'self' 'unsafe-inline'; img-src *",
    ],
    ["img-src 'self'", "img-src 'self'"],
    [
      "script-src 'nonce-app'; connect-src 'self'; frame-src 'self'",
      "connect-src 'self'; frame-src 'self'; script-src 'nonce-app' 'nonce-N'",
    ],
    [
      "script-src 'unsafe-inline' https://cdn.example",
      "script-src 'unsafe-inline' https://cdn.example https://wiki.example/.chaperone/",
    ],
    [
      "script-src 'self' 'strict-dynamic' 'nonce-app'",
      "script-src 'self' 'strict-dynamic' 'nonce-app' 'nonce-N'",
    ],
    [
      "default-src 'none'",
      "default-src 'none'; script-src 'nonce-N'; connect-src https://wiki.example/.chaperone/; frame-src https://wiki.example/.chaperone/",
    ],
    ["SCRIPT-SRC 'none'; script-src *", "script-src 'nonce-N'"],
  ])("%s permits it and nothing else", (policy, permitted) => {
    expect(permitScript(policy, NEEDS)).toBe(permitted);
  });

  it("is widened in each of several", () => {
    expect(permitScript("script-src 'none', script-src 'self'", NEEDS)).toBe(
      "script-src 'nonce-N', script-src 'self'",
    );
  });
});

describe("a page that gets the script", () => {
  const through = (html: string, cuts: readonly number[] = []): string => {
    const injection = injectIntoHead("<S>");
    const bytes = Buffer.from(html, "utf8");
    const places = [0, ...cuts, bytes.length];
    const out = places.slice(1).map((to, at) => injection.feed(bytes.subarray(places[at], to)));
    return Buffer.concat([...out, injection.end()]).toString("utf8");
  };

  it.each([
    ["<!doctype html><html><head><title>x", "<!doctype html><html><head><S><title>x"],
    ['<html><HEAD data-x=">">\n<body>', '<html><HEAD data-x=">"><S>\n<body>'],
    ["<html><body>x", "<html><S><body>x"],
    ["<!-- <head> --><title>x</title>", "<!-- <head> --><S><title>x</title>"],
    ["<header>x</header><p>y", "<S><header>x</header><p>y"],
    [
      "<!doctype html><html lang='<head>'><my-app>",
      "<!doctype html><html lang='<head>'><S><my-app>",
    ],
    ["hello", "hello"],
    ["<html><head class='a", "<html><head class='a"],
    ["", ""],
  ])("%s gets it where it runs first", (html, changed) => {
    expect(through(html)).toBe(changed);
  });

  it("is the same however the network cuts it", () => {
    const html = `<!doctype html><!-- <head> --><html lang="de"><head prefix="a>b"><title>Ü</title></head><body>${"x".repeat(50)}`;
    const length = Buffer.byteLength(html);
    fc.assert(
      fc.property(fc.array(fc.nat(length), { maxLength: 12 }), (cuts) => {
        expect(
          through(
            html,
            [...cuts].sort((a, b) => a - b),
          ),
        ).toBe(through(html));
      }),
    );
  });

  it("passes as it is when its head is too far away, or no head at all", () => {
    const far = `${"x".repeat(20_000)}<head>`;
    expect(through(far, [10, 16_000, 16_390])).toBe(far);
  });

  it("is HTML that is not packed and has ASCII at its places, and its length is not told any more", () => {
    const script = pageScript({ origin: "https://wiki.example", prefix: "/wiki" });
    const html = ["content-type", "text/html; charset=iso-8859-1"] as const;
    const changed = script.change([html, ["content-length", "9"], ["etag", '"x"']]);
    expect(changed?.fields).toEqual([html]);
    const bytes = changed?.change.feed(Buffer.from("<head>\u00e4", "latin1")) ?? Buffer.alloc(0);
    expect(Buffer.from(bytes).toString("latin1")).toMatch(
      /^<head><script async src="\/wiki\/\.chaperone\/script\.js" nonce="[\w-]+"><\/script>\u00e4$/,
    );
    expect(script.change([html, ["content-encoding", "br"]])).toBeNull();
    expect(script.change([["content-type", "text/html; charset=UTF-16"]])).toBeNull();
    expect(script.change([["content-type", "application/json"]])).toBeNull();
    expect(script.change([html, ["content-disposition", "attachment"]])).toBeNull();
  });

  it("is not kept where its policy names this one time", () => {
    const script = pageScript({ origin: "https://wiki.example", prefix: "" });
    const policy = ["content-security-policy", "script-src 'none'"] as const;
    const changed = script.change([["content-type", "text/html"], policy]);
    expect(changed?.fields).toContainEqual(["cache-control", "no-store"]);
  });
});

describe("a report of keys", () => {
  const read = (value: unknown) => readKeyReport(Buffer.from(JSON.stringify(value)));

  it("says when keys went down and how long they were", () => {
    expect(
      read([
        ["a", 1200.5, 80],
        ["Enter", 3, null],
      ]),
    ).toEqual([
      { key: "a", agoUs: 1_200_500, heldUs: 80_000 },
      { key: "Enter", agoUs: 3_000, heldUs: null },
    ]);
  });

  it.each([
    [{}],
    [[["a", -1, 1]]],
    [[["a", 1e9, 1]]],
    [[["", 1, 1]]],
    [[["a".repeat(17), 1, 1]]],
    [[["a", 1]]],
    [Array.from({ length: 257 }, () => ["a", 1, 1])],
  ])("that says %j is none", (value) => {
    expect(read(value)).toBeNull();
  });

  it("never makes its reader throw", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        readKeyReport(bytes);
      }),
    );
  });
});

describe("a report of a page that is looked at", () => {
  const route = {
    target: "wiki",
    hosts: [],
    prefix: "/wiki",
    ownHost: false,
    literalSlash: false,
    terminals: [],
    script: true,
  };
  const page = { origin: "https://pam.example", route };
  const read = (value: unknown) => readViewReport(Buffer.from(JSON.stringify(value)), page);

  it("is told as its requests are: names of parameters, no values, and no secret in the title", () => {
    expect(read(["/wiki/a%20b?x=1&token=2", "Home, password: hunter2", true])).toEqual({
      url: "https://pam.example/a b?x=&token=",
      title: "Home, password: [masked]",
      focused: true,
    });
    expect(read(["/wiki", "", false])).toMatchObject({ url: "https://pam.example/" });
    expect(read(["/wiki/", "x".repeat(10_000), true])?.title).toHaveLength(256);
  });

  it.each([
    [{}],
    [["/wiki/", "x"]],
    [["/wiki/", "x", 1]],
    [["/wiki/../etc", "x", true]],
    [["/other/", "x", true]],
    [["/wikipedia/", "x", true]],
    [["javascript:alert(1)", "x", true]],
    [[`/wiki/${"x".repeat(20_000)}`, "x", true]],
  ])("that says %j is none", (value) => {
    expect(read(value)).toBeNull();
  });

  it("never makes its reader throw", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "binary" }),
        (address, title) => {
          readViewReport(Buffer.from(address), page);
          read([`/wiki/${address}`, title, true]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
