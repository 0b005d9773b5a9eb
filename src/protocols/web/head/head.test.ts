import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { publicAddress, publicRefresh, targetAddress } from "./addresses.js";
import { readCookie, rewriteSetCookie, withoutCookies } from "./cookies.js";
import { fieldsForPerson, isCleanField, targetFilter } from "./header-fields.js";
import { normalPath } from "./normal-path.js";
import { readRequestHead, type HeaderField } from "./request-head.js";

const HOST = ["Host", "wiki.example"];

function read(target: string, rawHeaders: readonly string[] = HOST, http2 = false) {
  return readRequestHead({ method: "GET", target, rawHeaders, http2 });
}

const codeOf = (result: ReturnType<typeof read>): string => (result.ok ? "ok" : result.error.code);

describe("the head of a request", () => {
  it("is read as it stands when there is one way to read it", () => {
    const head = read("/a/b?x=1", ["Host", "Wiki.Example:8443", "Accept", "text/html"]);
    expect(head).toMatchObject({
      ok: true,
      value: { path: "/a/b", query: "x=1", authority: "wiki.example:8443" },
    });
    expect(read("http://wiki.example/a?b")).toMatchObject({ value: { path: "/a", query: "b" } });
  });

  it.each([
    ["two lengths", ["Content-Length", "4", "Content-Length", "4"]],
    ["a length in a list", ["Content-Length", "4, 4"]],
    ["a length with a sign", ["Content-Length", "+4"]],
    ["a length and chunks", ["Content-Length", "4", "Transfer-Encoding", "chunked"]],
    ["an unknown coding", ["Transfer-Encoding", "gzip, chunked"]],
    ["a coding in disguise", ["Transfer-Encoding", "x chunked"]],
    ["two codings", ["Transfer-Encoding", "chunked", "Transfer-Encoding", "identity"]],
    ["a second host", ["host", "evil.example"]],
    ["the same host twice", ["host", "wiki.example"]],
  ])("is refused with %s", (_what, more) => {
    expect(codeOf(read("/", [...HOST, ...more]))).toBe("CHP_WEB_SMUGGLING");
  });

  it.each([
    ["no host", "/", ["Accept", "*/*"]],
    ["a host with a path", "/", ["Host", "a/b"]],
    ["a line end in a value", "/", [...HOST, "X", "a\r\nY: b"]],
    ["a blank in a name", "/", [...HOST, "X y", "a"]],
    ["an address that is no path", "a/b", HOST],
    ["an authority as address", "wiki.example:443", HOST],
    ["a star as address", "*", HOST],
    ["a fragment", "/a#b", HOST],
    ["bytes in the query", "/a?\u00e4", HOST],
  ])("is refused with %s", (_what, target, headers) => {
    expect(codeOf(read(target, headers))).toBe("CHP_WEB_SYNTAX");
  });

  it("is refused when its address names another host, or by HTTP/2 another framing", () => {
    expect(codeOf(read("http://evil.example/"))).toBe("CHP_WEB_SMUGGLING");
    const chunked = [":authority", "a", "transfer-encoding", "chunked"];
    expect(codeOf(read("/", chunked, true))).toBe("CHP_WEB_SMUGGLING");
    expect(codeOf(read("/", [":authority", "a", "host", "b"], true))).toBe("CHP_WEB_SMUGGLING");
    expect(codeOf(read("/", [":authority", "a", "host", "a"], true))).toBe("ok");
  });

  it.each([
    ["a line end in a value", "/", [":authority", "wiki.example", "x-a", "b\r\nx-c: d"]],
    ["a line end in a name", "/", [":authority", "wiki.example", "x-a\r\nx-c", "b"]],
    ["a colon inside a name", "/", [":authority", "wiki.example", "x:a", "b"]],
    ["a blank in the address", "/ HTTP/1.1\r\nHost: evil", [":authority", "wiki.example"]],
    ["an address of another form", "http://evil.example/", [":authority", "wiki.example"]],
    ["a blank in the host", "/", [":authority", "wiki.example evil"]],
    ["a person's name in the host", "/", [":authority", "alice@wiki.example"]],
    ["another host beside it", "/", [":authority", "wiki.example", "host", "evil.example"]],
    ["no host", "/", ["x-a", "b"]],
    ["a coding", "/", [":authority", "wiki.example", "transfer-encoding", "chunked"]],
    [
      "two lengths",
      "/",
      [":authority", "wiki.example", "content-length", "1", "content-length", "2"],
    ],
  ])(
    "is refused by HTTP/2 with %s, which would be another request by HTTP/1.1",
    (_, target, raw) => {
      const head = readRequestHead({ method: "GET", target, rawHeaders: raw, http2: true });
      // The path is looked at once more where it is made normal.
      const path = head.ok ? normalPath(head.value.path, { literalSlash: false }) : head;
      expect(path.ok).toBe(false);
    },
  );

  it("is refused when it is too long, and not before", () => {
    const many = (count: number) => Array.from({ length: count }, () => ["X", "y"]).flat();
    expect(codeOf(read("/", [...HOST, ...many(127)]))).toBe("ok");
    expect(codeOf(read("/", [...HOST, ...many(128)]))).toBe("CHP_WEB_TOO_LARGE");
    expect(codeOf(read(`/${"a".repeat(16 * 1024 - 1)}`))).toBe("ok");
    expect(codeOf(read(`/${"a".repeat(16 * 1024)}`))).toBe("CHP_WEB_TOO_LARGE");
  });

  it("never throws, and what it lets through can be written on one line each", () => {
    const field = fc.tuple(
      fc.string({ maxLength: 12 }),
      fc.uint16Array({ maxLength: 12 }).map((codes) => String.fromCharCode(...codes)),
    );
    const likely = fc.constantFrom(
      ...(["content-length", "transfer-encoding", "host", "connection"] as const),
    );
    const fields = fc.array(fc.oneof(field, fc.tuple(likely, fc.string({ maxLength: 8 }))));
    fc.assert(
      fc.property(fc.string(), fc.string(), fields, fc.boolean(), (method, target, more, http2) => {
        const rawHeaders = [...HOST, ...more.flat()];
        const head = readRequestHead({ method, target, rawHeaders, http2 });
        if (!head.ok) return;
        expect(head.value.headers.every(isCleanField)).toBe(true);
        expect(head.value.path.startsWith("/")).toBe(true);
        const framing = head.value.headers.filter(([name]) =>
          ["content-length", "transfer-encoding"].includes(name),
        );
        expect(framing.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("the path of a request", () => {
  const plain = (path: string, literalSlash = false): string | null => {
    const result = normalPath(path, { literalSlash });
    return result.ok ? result.value.plain : null;
  };

  it("is the same whether it is seen at a glance or read part by part", () => {
    const part = fc.constantFrom("a", "B-1", "x.y", ".", "..", ".git", "a_b", "");
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const path = `/${parts.join("/")}`;
        // A parameter without a name says nothing, and has to be taken off.
        expect(plain(path)).toBe(
          plain(`/${parts.map((one) => (one === "" ? "" : `${one};`)).join("/")}`),
        );
      }),
    );
  });

  it.each([
    ["/admin/users", "/admin/users"],
    ["/admin//users", "/admin/users"],
    ["/%61dmin", "/admin"],
    ["/admin;x=y/users;z", "/admin/users"],
    ["/caf%C3%A9", "/caf\u00e9"],
    ["/%2561", "/%61"],
    ["/", "/"],
    ["/folder/", "/folder/"],
  ])("%s is %s", (path, expected) => {
    expect(plain(path)).toBe(expected);
  });

  it.each([
    "/a/../admin",
    "/a/%2e%2e/admin",
    "/a/.%2E;x/admin",
    "/./admin",
    "/a%2fb",
    "/a%5cb",
    "/a\\b",
    "/a%00b",
    "/a%0d%0ab",
    "/%ff",
    "/%zz",
    "/a b",
  ])("%s is refused", (path) => {
    expect(plain(path)).toBeNull();
  });

  it("keeps an encoded slash as part of a name where the target wants it", () => {
    expect(plain("/projects/a%2Fb/x", true)).toBe("/projects/a%2Fb/x");
  });

  it("never has dot segments, empty segments or controls in it, whatever comes", () => {
    const piece = fc.constantFrom(
      "/",
      ".",
      "..",
      "%2e",
      "%2F",
      "%5c",
      ";",
      "a",
      "%00",
      "%",
      "\\",
      "é",
    );
    const path = fc.array(piece).map((pieces) => `/${pieces.join("")}`);
    fc.assert(
      fc.property(path, fc.boolean(), (raw, literalSlash) => {
        const result = normalPath(raw, { literalSlash });
        if (!result.ok) return;
        const segments = result.value.plain.split("/").slice(1);
        expect(segments.slice(0, -1)).not.toContain("");
        expect(segments.some((one) => one === "." || one === "..")).toBe(false);
        // eslint-disable-next-line no-control-regex -- control characters are what this test is about
        expect(result.value.plain).not.toMatch(/[\u0000-\u001f\\]/);
      }),
    );
  });
});

describe("header fields on their way", () => {
  it("lose what ends at each hop, what connection names, and what only proxies may say", () => {
    const fields: HeaderField[] = [
      ["connection", "close, X-Secret"],
      ["x-secret", "1"],
      ["transfer-encoding", "chunked"],
      ["x-forwarded-for", "10.0.0.1"],
      ["x-original-url", "/admin"],
      ["content_length", "5"],
      ["proxy-authorization", "Basic x"],
      ["x-gateway-assertion", "jwt"],
      ["accept", "text/html"],
    ];
    const drop = new Set(["x-gateway-assertion"]);
    const passes = targetFilter(drop);
    // What is known of a name is known of it the next time too.
    for (let time = 0; time < 2; time += 1)
      expect(passes(fields)).toEqual([["accept", "text/html"]]);
    expect(
      fieldsForPerson([
        ["keep-alive", "5"],
        ["alt-svc", "h3"],
        ["etag", "x"],
      ]),
    ).toEqual([["etag", "x"]]);
  });
});

describe("cookies", () => {
  const ours = (name: string): boolean => name.startsWith("chaperone-");
  const rewrite = { publicHost: "wiki.example", prefix: "/wiki", secure: true };

  it("are found by name, and ours are taken out", () => {
    expect(readCookie("a=1; b=2; b=3", "b")).toBe("2");
    expect(readCookie(undefined, "b")).toBeUndefined();
    expect(withoutCookies("a=1; chaperone-x=2; b", ours)).toBe("a=1; b");
    expect(withoutCookies("chaperone-x=2", ours)).toBeUndefined();
  });

  it("of the target hold for the public host and the prefix", () => {
    expect(
      rewriteSetCookie("a=1; Domain=.internal; Path=/x; Secure; HttpOnly", rewrite, ours),
    ).toBe("a=1; Path=/wiki/x; HttpOnly; Secure");
    const plain = { ...rewrite, prefix: "", secure: false };
    expect(rewriteSetCookie("a=1; Secure; SameSite=None", plain, ours)).toBe("a=1");
    expect(rewriteSetCookie("__Host-a=1; Secure; Path=/", plain, ours)).toBeNull();
    expect(rewriteSetCookie("chaperone-x=1", plain, ours)).toBeNull();
    expect(rewriteSetCookie("=chaperone-x=1", plain, ours)).toBeNull();
    expect(rewriteSetCookie("= =chaperone-x", plain, ours)).toBeNull();
    expect(rewriteSetCookie("=a=1", plain, ours)).toBe("=a=1");
  });

  it("never carry a domain, whatever the target says", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a=1", "Domain=x", "domain = y", ";", "Path=/", " ")),
        (parts) => {
          const out = rewriteSetCookie(parts.join(";"), rewrite, ours);
          expect(out ?? "").not.toMatch(/;\s*domain/i);
        },
      ),
    );
  });
});

describe("addresses that the target says", () => {
  const addresses = {
    publicOrigin: "https://wiki.example",
    targetOrigins: ["http://10.0.0.5:8080"],
    prefix: "/wiki",
  };

  it.each([
    ["/login", "/wiki/login"],
    ["http://10.0.0.5:8080/a?b", "https://wiki.example/wiki/a?b"],
    ["http://10.0.0.5:8080", "https://wiki.example/wiki/"],
    ["http://10.0.0.5:80801/a", "http://10.0.0.5:80801/a"],
    ["http://10.0.0.5:8080.evil.example/", "http://10.0.0.5:8080.evil.example/"],
    ["https://wiki.example/a", "https://wiki.example/wiki/a"],
    ["https://wiki.example/wiki/a", "https://wiki.example/wiki/a"],
    ["//other.example/x", "//other.example/x"],
    ["relative", "relative"],
  ])("%s becomes %s", (address, expected) => {
    expect(publicAddress(address, addresses)).toBe(expected);
  });

  it("are found in Refresh too, and lead back to the target on the way there", () => {
    expect(publicRefresh("5; url='/x'", addresses)).toBe("5; url='/wiki/x'");
    expect(publicRefresh("5", addresses)).toBe("5");
    expect(targetAddress("https://wiki.example/wiki/a", addresses)).toBe("http://10.0.0.5:8080/a");
    expect(targetAddress("https://wiki.example", addresses)).toBe("http://10.0.0.5:8080");
    expect(targetAddress("https://wiki.example.evil/a", addresses)).toBe(
      "https://wiki.example.evil/a",
    );
  });
});
