/**
 * Bytes that must leave no trace. There is no toString and no JSON form: a Secret that slips into a
 * log, an event or a template prints `[secret]`. Whoever is done with it wipes it.
 */
export class Secret {
  #bytes: Uint8Array;

  /** Takes ownership of `bytes`: the caller keeps no copy. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Lends the bytes for the time of the call; `use` must not keep them. */
  reveal<T>(use: (bytes: Uint8Array) => T): T {
    return use(this.#bytes);
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#bytes = new Uint8Array(0);
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}
