import { publicAddress, publicRefresh, targetAddress, type Addresses } from "../head/addresses.js";
import { rewriteSetCookie, withoutCookies } from "../head/cookies.js";
import { fieldsForPerson, fieldsForTarget, isCleanField } from "../head/header-fields.js";
import type { HeaderField } from "../head/request-head.js";
import type { WebRoute } from "../ports.js";
import type { CookieJar } from "../target/cookie-jar.js";
import { credentialFields, credentialNames } from "../target/credential.js";
import type { WebTarget } from "../target/target.js";

/** Header fields on their way from one side to the other. */
export interface FieldRewrite {
  toTarget(fields: readonly HeaderField[], more: RequestMore): readonly HeaderField[];
  toPerson(fields: readonly HeaderField[], publicHost: string): readonly HeaderField[];
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
export const COOKIE_PREFIX = /^(?:__Host-)?chaperone-/;

export function createFieldRewrite(facts: FieldRewriteFacts): FieldRewrite {
  const { target, jar, route, secure } = facts;
  const { credential } = target.plan;
  const drop = new Set([
    ...["host", "cookie", "content-length", "expect", "via", "origin", "referer"],
    ...facts.identityFields,
    ...credentialNames(credential),
  ]);
  const scheme = secure ? "https" : "http";

  function addressesFor(authority: string): Addresses {
    return {
      publicOrigin: `${scheme}://${authority}`,
      targetOrigins: [target.origin],
      prefix: route.prefix,
    };
  }

  return {
    toTarget(fields, { authority, length, unpacked }) {
      const addresses = addressesFor(authority);
      const cookies = fields.flatMap(([name, value]) => (name === "cookie" ? [value] : []));
      const cookie = jar.header(withoutCookies(cookies.join("; "), isOwnCookie));
      const via = fields.flatMap(([name, value]) => (name === "via" ? [value] : []));
      const out: HeaderField[] = [
        ["host", route.ownHost ? target.authority : authority],
        ...fieldsForTarget(fields, drop),
        ...fields.flatMap(([name, value]): readonly HeaderField[] =>
          name === "origin" || name === "referer"
            ? [[name, route.ownHost || route.prefix !== "" ? asTarget(value, addresses) : value]]
            : [],
        ),
        ["x-forwarded-for", facts.origin],
        ["x-forwarded-proto", scheme],
        ["x-forwarded-host", authority],
        ...(route.prefix === "" ? [] : [["x-forwarded-prefix", route.prefix] as const]),
        ["via", [...via, `1.1 ${facts.pseudonym}`].join(", ")],
        ...(cookie === undefined ? [] : [["cookie", cookie] as const]),
        ...(typeof length === "number" ? [["content-length", String(length)] as const] : []),
        ...credentialFields(credential),
      ];
      return unpacked
        ? [...out.filter(([name]) => name !== "accept-encoding"), ["accept-encoding", "identity"]]
        : out;
    },
    toPerson(fields, authority) {
      const addresses = addressesFor(authority);
      const cookies = {
        publicHost: authority.replace(/:\d+$/, ""),
        prefix: route.prefix,
        secure,
      };
      return fieldsForPerson(fields).flatMap(([name, value]): readonly HeaderField[] => {
        switch (name) {
          case "location":
          case "content-location":
            return clean([name, publicAddress(value, addresses)]);
          case "refresh":
            return clean([name, publicRefresh(value, addresses)]);
          case "set-cookie": {
            if (jar.take(value)) return [];
            const rewritten = rewriteSetCookie(value, cookies, isOwnCookie);
            return rewritten === null ? [] : clean([name, rewritten]);
          }
          default:
            return clean([name, value]);
        }
      });
    },
  };

  function asTarget(value: string, addresses: Addresses): string {
    const origin = route.ownHost ? target.origin : addresses.publicOrigin;
    return targetAddress(value, { ...addresses, targetOrigins: [origin] });
  }
}

function isOwnCookie(name: string): boolean {
  return COOKIE_PREFIX.test(name);
}

function clean(field: HeaderField): readonly HeaderField[] {
  return isCleanField(field) ? [field] : [];
}
