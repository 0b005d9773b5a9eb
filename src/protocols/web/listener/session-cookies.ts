import type { WebRoute } from "../ports.js";

/** How long the page of a held request is known, in seconds. */
const RESUME_SECONDS = 120;

/** The cookies by which browsers come back: one for each target, because several may stand under one host. */
export class SessionCookies {
  readonly #secure: boolean;
  readonly #names = new Map<WebRoute, string>();

  constructor(secure: boolean) {
    this.#secure = secure;
  }

  nameOf(route: WebRoute): string {
    const known = this.#names.get(route);
    if (known !== undefined) return known;
    const name = `chaperone-${route.target.replace(/[^A-Za-z0-9_-]/g, "_")}`;
    const made = this.#secure ? `__Host-${name}` : name;
    this.#names.set(route, made);
    return made;
  }

  /** Of a request that was held. */
  heldNameOf(route: WebRoute): string {
    return `${this.nameOf(route)}-held`;
  }

  set(route: WebRoute, value: string): string {
    return this.#cookie(this.nameOf(route), value, "");
  }

  expired(route: WebRoute): string {
    return this.#cookie(this.nameOf(route), "", "; Max-Age=0");
  }

  held(route: WebRoute, hold: string): string {
    return this.#cookie(this.heldNameOf(route), hold, `; Max-Age=${RESUME_SECONDS}`);
  }

  heldExpired(route: WebRoute): string {
    return this.#cookie(this.heldNameOf(route), "", "; Max-Age=0");
  }

  #cookie(name: string, value: string, more: string): string {
    const secure = this.#secure ? "; Secure" : "";
    return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${more}`;
  }
}
