/** Bytes of a key that is not whole yet; bounded by the key decoder. Wiped when they are used. */
export interface CarriedBytes {
  /** A key's bytes together with those that came before it was whole. */
  with(bytes: Uint8Array): Uint8Array;
  keep(bytes: Uint8Array): void;
}

export function createCarriedBytes(): CarriedBytes {
  let carried: Uint8Array = NOTHING;

  function joined(bytes: Uint8Array): Uint8Array {
    if (carried.length === 0) return bytes;
    const whole = new Uint8Array(carried.length + bytes.length);
    whole.set(carried);
    whole.set(bytes, carried.length);
    carried.fill(0);
    carried = NOTHING;
    return whole;
  }

  return {
    with: joined,
    keep(bytes) {
      carried = joined(bytes).slice();
    },
  };
}

const NOTHING = new Uint8Array(0);
