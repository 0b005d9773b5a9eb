import {
  TOKEN_PARAMETER,
  WANTS_DEFAULT,
  type ClientWants,
  type Opening,
} from "../handshake/index.js";
import { IMAGES, SIDE_PIXELS_MAX } from "../handshake/opening.js";

import { openLiteToken } from "./lite-token.js";

/** What a browser asks of the tunnel in the query of its address. */
export interface TunnelWishes {
  readonly opening: Opening;
  readonly token: string;
  /** As a token of guacamole-lite says; absent: whatever the target's is. */
  readonly protocol?: string;
}

/** Longer lists of types are no browser's. */
const TYPES_MAX = 16;

/**
 * `token`, and how the screen is: `width`, `height`, `dpi`, `timezone`, `audio`, `video`, `image`, or the
 * same with the names that the Guacamole web application gives them (`GUAC_WIDTH`, ...). What is no good
 * is left out: the client then gets a screen of the usual size.
 */
export function readWishes(query: URLSearchParams, liteKey?: Uint8Array): TunnelWishes {
  const one = (name: string): string =>
    query.get(name) ?? query.get(`GUAC_${name.toUpperCase()}`) ?? "";
  const all = (name: string): readonly string[] =>
    [...query.getAll(name), ...query.getAll(`GUAC_${name.toUpperCase()}`)].slice(0, TYPES_MAX);
  const size = (name: "width" | "height" | "dpi"): number => {
    const text = one(name);
    const pixels = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 0;
    return pixels >= 1 && pixels <= SIDE_PIXELS_MAX ? pixels : WANTS_DEFAULT[name];
  };
  const image = all("image");
  const wants: ClientWants = {
    width: size("width"),
    height: size("height"),
    dpi: size("dpi"),
    audio: all("audio"),
    video: all("video"),
    image: image.length === 0 ? IMAGES : IMAGES.filter((type) => image.includes(type)),
    timezone: /^[A-Za-z0-9_+/-]{1,64}$/.test(one("timezone")) ? one("timezone") : "",
  };
  const token = query.get("token") ?? "";
  const lite = liteKey === undefined ? null : openLiteToken(token, liteKey);
  if (lite === null) return { opening: { wants, values: new Map() }, token };
  const { protocol, settings } = lite;
  return {
    opening: { wants, values: settings },
    token: settings.get(TOKEN_PARAMETER) ?? "",
    protocol,
  };
}
