import { publicAddress, publicRefresh, targetAddress, type Addresses } from "../head/addresses.js";
import { rewriteSetCookie, withoutCookies } from "../head/cookies.js";
import { fieldsForPerson, isCleanField, targetFilter } from "../head/header-fields.js";
import type { HeaderField } from "../head/request-head.js";
import type { WebRoute } from "../ports.js";
import type { CookieJar } from "../target/cookie-jar.js";
import { credentialFields, credentialNames } from "../target/credential.js";
import type { WebTarget } from "../target/target.js";

/** Header fields on their way from one side to the other. */
export interface FieldRewrite {
  toTarget(fields: readonly HeaderField[], more: RequestMore): readonly HeaderField[];
  /** A list of its own. */
  toPerson(fields: readonly HeaderField[], publicHost: string): HeaderField[];
}

export interface RequestMore {
  /** As the person called it. */
  readonly authority: string;
  /** Null: there is no body; undefined: its length is not known. */
  readonly length: number | null | undefined;
  /** The answer has to come as it is, because something is put into it. */
  readonly unpacked: boolean;
}

export interface FieldRewriteFacts {
  readonly target: WebTarget;
  readonly jar: CookieJar;
  readonly route: WebRoute;
  readonly secure: boolean;
  /** Address of the person. */
  readonly origin: string;
  readonly pseudonym: string;
  readonly identityFields: ReadonlySet<string>;
}

/** Cookies of ours begin like this; a target can neither read nor set them. */
export const COOKIE_PREFIX = /^(?:__Host-)?chaperone-/i;

export function createFieldRewrite(facts: FieldRewriteFacts): FieldRewrite {
  const { target, jar, route, secure } = facts;
  const { credential } = target.plan;
  const passing = targetFilter(
    new Set([
      ...["host", "cookie", "content-length", "expect", "via", "origin", "referer"],
      ...facts.identityFields,
      ...credentialNames(credential),
    ]),
  );
  const scheme = secure ? "https" : "http";
  const here: readonly HeaderField[] = [
    ["x-forwarded-for", facts.origin],
    ["x-forwarded-proto", scheme],
  ];
  const viaHere = `1.1 ${facts.pseudonym}`;

  function addressesFor(authority: string): Addresses {
    return {
      publicOrigin: `${scheme}://${authority}`,
      targetOrigins: [target.origin],
      prefix: route.prefix,
    };
  }

  return {
    toTarget(fields, { authority, length, unpacked }) {
      const out: HeaderField[] = [["host", route.ownHost ? target.authority : authority]];
      for (const field of passing(fields)) {
        if (!unpacked || field[0] !== "accept-encoding") out.push(field);
      }
      const rewrites = route.ownHost || route.prefix !== "";
      let via = "";
      let cookies = "";
      for (const [name, value] of fields) {
        if (name === "origin" || name === "referer") {
          out.push([name, rewrites ? asTarget(value, addressesFor(authority)) : value]);
        } else if (name === "cookie") cookies = cookies === "" ? value : `${cookies}; ${value}`;
        else if (name === "via") via += `${value}, `;
      }
      const cookie = jar.header(withoutCookies(cookies, isOwnCookie));
      out.push(...here, ["x-forwarded-host", authority], ["via", via + viaHere]);
      if (route.prefix !== "") out.push(["x-forwarded-prefix", route.prefix]);
      if (cookie !== undefined) out.push(["cookie", cookie]);
      if (typeof length === "number") out.push(["content-length", String(length)]);
      out.push(...credentialFields(credential));
      if (unpacked) out.push(["accept-encoding", "identity"]);
      return out;
    },
    toPerson(fields, authority) {
      const out: HeaderField[] = [];
      for (const field of fieldsForPerson(fields)) {
        const [name, value] = field;
        if (isCleanField(field)) {
          const kept = isRewritten(name) ? rewritten(name, value, authority) : field;
          if (kept !== null && (kept === field || isCleanField(kept))) out.push(kept);
        }
      }
      return out;
    },
  };

  /** Null: it is not for the person. */
  function rewritten(name: string, value: string, authority: string): HeaderField | null {
    const addresses = addressesFor(authority);
    if (name === "refresh") return [name, publicRefresh(value, addresses)];
    if (name !== "set-cookie") return [name, publicAddress(value, addresses)];
    if (jar.take(value)) return null;
    const publicHost = authority.replace(/:\d+$/, "");
    const cookies = { publicHost, prefix: route.prefix, secure };
    const cookie = rewriteSetCookie(value, cookies, isOwnCookie);
    return cookie === null ? null : [name, cookie];
  }

  function asTarget(value: string, addresses: Addresses): string {
    const origin = route.ownHost ? target.origin : addresses.publicOrigin;
    return targetAddress(value, { ...addresses, targetOrigins: [origin] });
  }
}

function isOwnCookie(name: string): boolean {
  return COOKIE_PREFIX.test(name);
}

function isRewritten(name: string): boolean {
  return (
    name === "location" ||
    name === "content-location" ||
    name === "refresh" ||
    name === "set-cookie"
  );
}
