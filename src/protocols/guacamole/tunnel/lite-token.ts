import { createDecipheriv } from "node:crypto";

/** What a token of guacamole-lite holds. */
export interface LiteConnection {
  /** As in `select`. */
  readonly protocol: string;
  /** By the names of guacd's parameters. Holds secrets. */
  readonly settings: ReadonlyMap<string, string>;
}

/** Longer is none, and would only be work for whoever has no key. */
const TOKEN_CHARS_MAX = 12 * 1024;
const IV_BYTES = 16;
const SETTINGS_MAX = 256;

/**
 * Opens a token of guacamole-lite: base64 of `{"iv","value"}`, both base64; the value is AES-256-CBC of
 * `{"connection":{"type","settings"}}` (its README, "Token encryption & security"). The format has no tag:
 * who has seen a token can change bits in it. So nothing in it says who the person is but the one-time token
 * among the settings, which nobody can guess. Null: it is none, or of another key.
 */
export function openLiteToken(token: string, key: Uint8Array): LiteConnection | null {
  if (token.length > TOKEN_CHARS_MAX) return null;
  try {
    const packed: unknown = JSON.parse(Buffer.from(token, "base64").toString("utf8"));
    const iv = Buffer.from(textIn(packed, "iv"), "base64");
    const value = Buffer.from(textIn(packed, "value"), "base64");
    if (iv.length !== IV_BYTES) return null;
    const decipher = createDecipheriv("aes-256-cbc", key, iv);
    const text = Buffer.concat([decipher.update(value), decipher.final()]).toString("utf8");
    const connection = fieldOf(JSON.parse(text), "connection");
    const protocol = textIn(connection, "type");
    if (protocol === "") return null;
    return { protocol, settings: settingsOf(fieldOf(connection, "settings")) };
  } catch {
    return null; // neither base64, JSON nor encrypted with this key
  }
}

function settingsOf(given: unknown): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  if (typeof given !== "object" || given === null) return settings;
  for (const [name, value] of Object.entries(given).slice(0, SETTINGS_MAX)) {
    if (typeof value === "string") settings.set(name, value);
    else if (typeof value === "number" || typeof value === "boolean") {
      settings.set(name, String(value));
    }
  }
  return settings;
}

function fieldOf(object: unknown, name: string): unknown {
  if (typeof object !== "object" || object === null) return undefined;
  return (object as Readonly<Record<string, unknown>>)[name]; // an object: its fields are unknown still
}

function textIn(object: unknown, name: string): string {
  const value = fieldOf(object, name);
  return typeof value === "string" ? value : "";
}
