import { isSecretName } from "../body/fields.js";
import { FIELD_CHARS_MAX, FIELDS_MAX } from "../limits.js";
import { maskedName } from "./masked-name.js";
import { maskedPath } from "./masked-path.js";
import { MASK, maskedText } from "./masked-text.js";

/** Names that say nothing of a secret in a form, and hold one in an address or a log-in. */
const SECRET_IN_ADDRESS =
  /^(?:code|state|nonce|key|sid|sig|signature|assertion|saml\w*|ticket|jwt|bearer|hash|x-amz-.*)$|session/i;

function isSecretParameter(name: string): boolean {
  return isSecretName(name) || SECRET_IN_ADDRESS.test(name);
}

/** A value as the log keeps it. */
export function maskedValue(name: string, value: string): string {
  return isSecretParameter(name) || value.length > FIELD_CHARS_MAX ? MASK : maskedText(value);
}

/** An address without fragment and without user, the secret values of its query masked. Total. */
export function maskedAddress(address: string): string {
  const [whole = ""] = address.split("#", 1);
  const at = whole.indexOf("?");
  const [origin, path] = splitOrigin((at < 0 ? whole : whole.slice(0, at)).replace(USER, "$1"));
  const place = `${origin}${maskedPath(path)}`;
  return at < 0 ? place : `${place}?${maskedQuery(whole.slice(at + 1))}`;
}

/** The host may be called `token.example`, and what follows is no secret for that. */
function splitOrigin(place: string): readonly [origin: string, path: string] {
  const origin = ORIGIN.exec(place)?.[0] ?? "";
  return [origin, place.slice(origin.length)];
}

const ORIGIN = /^(?:[a-z][a-z0-9+.-]{0,32}:)?\/\/[^/]*/i;

const USER = /^([a-z][a-z0-9+.-]{0,32}:\/\/|\/\/)[^/]*@/i;

export function maskedQuery(query: string): string {
  const pairs = query.split("&", FIELDS_MAX + 1);
  const shown = pairs.slice(0, FIELDS_MAX).map(maskedPair);
  return pairs.length > FIELDS_MAX ? `${shown.join("&")}&${MASK}` : shown.join("&");
}

function maskedPair(pair: string): string {
  const at = pair.indexOf("=");
  const name = at < 0 ? pair : pair.slice(0, at);
  const value = at < 0 ? "" : pair.slice(at + 1);
  const plainName = decoded(name);
  const shown = maskedName(plainName, value) === plainName ? name : MASK;
  if (at < 0) return shown;
  const plain = decoded(value);
  const kept = maskedValue(plainName, plain);
  return `${shown}=${kept === plain ? value : MASK}`;
}

/** As written where it is not an encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
