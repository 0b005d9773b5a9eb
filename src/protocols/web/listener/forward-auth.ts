import { isIP } from "node:net";
import { err, fault, ok, type Fault, type Result } from "../../../kernel/index.js";
import type { AddressList } from "../../../net/index.js";
import { OWN_FOLDER } from "../pages/pages.js";
import type { Arrival } from "./arrival.js";

/**
 * A gateway that leads the requests itself asks here whether each may pass: Traefik (ForwardAuth), nginx
 * (`auth_request`) and Envoy (ext_authz over HTTP) say in different places what the person asked for.
 */
export interface ForwardAuthOptions {
  readonly gateway: ForwardingGateway;
  /** Who may ask. */
  readonly from: AddressList;
}

export type ForwardingGateway = "traefik" | "nginx" | "envoy";

/** Where it is asked; Envoy puts the person's own path behind it (`path_prefix`). */
export const FORWARD_AUTH_PATH = `${OWN_FOLDER}forward-auth`;

/** Null: the request asks for something else. */
export function forwardedRequest(
  arrival: Arrival,
  options: ForwardAuthOptions | null,
): Result<Arrival, Fault> | null {
  if (options === null || !arrival.target.startsWith(FORWARD_AUTH_PATH)) return null;
  if (!options.from.includes(arrival.peer)) {
    return err(fault("CHP_WEB_NOT_AUTHENTICATED", "whoever asks here is no gateway of ours"));
  }
  const fields = fieldsOf(arrival.rawHeaders);
  const said = saidBy(arrival, fields, options.gateway);
  if (said === null) {
    return err(
      fault("CHP_WEB_SYNTAX", `the gateway does not say what was asked (${options.gateway})`),
    );
  }
  const { method, target, host } = said;
  const origin = fields.get("x-forwarded-for")?.at(-1)?.split(",").at(-1)?.trim() ?? "";
  return ok({
    ...arrival,
    method,
    target,
    rawHeaders: [
      ...withoutFraming(arrival.rawHeaders, host !== null),
      ...(host === null ? [] : ["host", host]),
    ],
    ...(isIP(origin) === 0 ? {} : { origin }),
  });
}

interface Asked {
  readonly method: string;
  readonly target: string;
  /** Null: that of the request itself. */
  readonly host: string | null;
}

/**
 * Each gateway is believed in its own fields alone: the others may come from the person. A field that is
 * there twice is one that somebody has added.
 */
function saidBy(arrival: Arrival, fields: Fields, gateway: ForwardingGateway): Asked | null {
  const only = (name: string): string | null => {
    const values = fields.get(name) ?? [];
    return values.length === 1 ? (values[0] ?? null) : null;
  };
  switch (gateway) {
    case "traefik": {
      const [method, target, host] = ["method", "uri", "host"].map((one) =>
        only(`x-forwarded-${one}`),
      );
      return method == null || target == null || host == null ? null : { method, target, host };
    }
    case "nginx": {
      const [method, target] = [only("x-original-method"), only("x-original-uri")];
      return method === null || target === null ? null : { method, target, host: null };
    }
    case "envoy": {
      const target = arrival.target.slice(FORWARD_AUTH_PATH.length);
      return target.startsWith("/") ? { method: arrival.method, target, host: null } : null;
    }
  }
}

type Fields = ReadonlyMap<string, readonly string[]>;

function fieldsOf(raw: readonly string[]): Fields {
  const fields = new Map<string, string[]>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    const values = fields.get(name) ?? [];
    values.push(raw[at + 1] ?? "");
    fields.set(name, values);
  }
  return fields;
}

/** The body stays with the gateway. */
function withoutFraming(raw: readonly string[], otherHost: boolean): readonly string[] {
  return raw.filter((_, index) => {
    const name = (raw[index - (index % 2)] ?? "").toLowerCase();
    const framing = name === "content-length" || name === "transfer-encoding";
    return !framing && !(otherHost && name === "host");
  });
}
