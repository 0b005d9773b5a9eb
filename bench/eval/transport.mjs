// What networks and clients do to the times of keys.

/** OpenSSH >= 9.5 sends keys on a grid of 20 ms; keys of one tick arrive together. */
export function onGrid(keys, random, gridMs = 20) {
  const phase = random.next() * gridMs;
  return { ...keys, t: keys.t.map((time) => Math.ceil((time + phase) / gridMs) * gridMs) };
}

/** Each key is late by an exponential time; the order is kept. */
export function withDelays(keys, random, meanMs) {
  let last = -Infinity;
  const t = keys.t.map((time) => {
    last = Math.max(last, time - meanMs * Math.log(1 - random.next()));
    return last;
  });
  return { ...keys, t };
}
