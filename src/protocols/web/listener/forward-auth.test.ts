import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { parseAddressList, type AddressList } from "../../../net/index.js";
import type { Reply } from "../session/reply.js";
import type { Arrival } from "./arrival.js";
import { forwardedRequest, type ForwardingGateway } from "./forward-auth.js";

function listOf(...entries: readonly string[]): AddressList {
  const list = parseAddressList(entries);
  if (!list.ok) throw new Error(list.error);
  return list.value;
}

describe("what a gateway asks about", () => {
  const FROM = listOf("10.0.0.0/8");

  function ask(
    gateway: ForwardingGateway,
    fields: Readonly<Record<string, string>>,
    more: { readonly target?: string; readonly peer?: string; readonly twice?: string } = {},
  ): unknown {
    const { target = "/.chaperone/forward-auth", peer = "10.1.1.1", twice } = more;
    const rawHeaders = Object.entries(fields).flat();
    if (twice !== undefined) rawHeaders.push(twice, "/other");
    const arrival: Arrival = {
      method: "POST",
      target,
      rawHeaders,
      http2: false,
      source: Readable.from([]),
      reply: null as unknown as Reply, // is not answered here
      peer,
      commonName: null,
    };
    const asked = forwardedRequest(arrival, { gateway, from: FROM });
    if (asked === null) return null;
    if (!asked.ok) return asked.error.code;
    const { method, target: wanted, origin, rawHeaders: kept } = asked.value;
    return { method, target: wanted, origin, host: kept[kept.indexOf("host") + 1] };
  }

  const TRAEFIK = {
    host: "chaperone",
    "content-length": "7",
    "X-Forwarded-Method": "DELETE",
    "X-Forwarded-Host": "wiki.example",
    "X-Forwarded-Uri": "/pages/1?x=1",
    "X-Forwarded-For": "203.0.113.7, 192.0.2.9",
  };

  it("is read where this kind of gateway says it, with the address nearest to it", () => {
    const origin = "192.0.2.9";
    expect(ask("traefik", TRAEFIK)).toEqual({
      method: "DELETE",
      target: "/pages/1?x=1",
      origin,
      host: "wiki.example",
    });
    const nginx = { host: "wiki.example", "x-original-method": "PUT", "x-original-uri": "/a" };
    expect(ask("nginx", nginx)).toMatchObject({
      method: "PUT",
      target: "/a",
      host: "wiki.example",
    });
    const target = "/.chaperone/forward-auth/a/b?c=d";
    expect(ask("envoy", { host: "wiki.example" }, { target })).toMatchObject({
      method: "POST",
      target: "/a/b?c=d",
    });
  });

  it("is not taken from fields that the person may have sent, nor from two of them", () => {
    expect(ask("nginx", TRAEFIK)).toBe("CHP_WEB_SYNTAX");
    expect(ask("traefik", TRAEFIK, { twice: "x-forwarded-uri" })).toBe("CHP_WEB_SYNTAX");
    expect(ask("envoy", { ...TRAEFIK, "x-original-uri": "/a" })).toBe("CHP_WEB_SYNTAX");
  });

  it("is answered to listed gateways alone, and at one path", () => {
    expect(ask("traefik", TRAEFIK, { peer: "192.168.1.1" })).toBe("CHP_WEB_NOT_AUTHENTICATED");
    expect(ask("traefik", TRAEFIK, { target: "/elsewhere" })).toBeNull();
  });
});
