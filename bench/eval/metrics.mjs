// Higher scores mean "somebody else".

/** Equal error rate, interpolated between the two thresholds around the crossing. */
export function equalErrorRate(genuine, impostor) {
  const own = [...genuine].sort((a, b) => a - b);
  const other = [...impostor].sort((a, b) => a - b);
  const thresholds = [...new Set([...own, ...other])].sort((a, b) => a - b);
  let passedOwn = 0;
  let passedOther = 0;
  let before = { accepted: 0, rejected: 1 };
  for (const threshold of thresholds) {
    while (passedOwn < own.length && own[passedOwn] <= threshold) passedOwn += 1;
    while (passedOther < other.length && other[passedOther] <= threshold) passedOther += 1;
    const now = { accepted: passedOther / other.length, rejected: 1 - passedOwn / own.length };
    if (now.accepted >= now.rejected) {
      const from = before.accepted - before.rejected;
      const until = now.accepted - now.rejected;
      const part = until === from ? 0 : -from / (until - from);
      const mix = (key) => before[key] + part * (now[key] - before[key]);
      return (mix("accepted") + mix("rejected")) / 2;
    }
    before = now;
  }
  return 0.5;
}

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Hits (%) at each rate of false alarms, and the least cost = misses + 6 x false alarms (%). */
export function masqueradeFigures(scored, rates) {
  const order = [...scored].sort((a, b) => b.score - a.score);
  const masquerades = scored.filter((one) => one.masquerade).length;
  const own = scored.length - masquerades;
  const hits = rates.map(() => 0);
  let found = 0;
  let alarms = 0;
  let best = { cost: Infinity };
  for (const [index, one] of order.entries()) {
    if (one.masquerade) found += 1;
    else alarms += 1;
    // A threshold lies between scores, never within a tie.
    if (order[index + 1]?.score === one.score) continue;
    const figures = costOf(found / masquerades, alarms / own);
    if (figures.cost < best.cost) best = figures;
    for (const [place, rate] of rates.entries()) {
      if (alarms / own <= rate) hits[place] = figures.hits;
    }
  }
  return { hits, best };
}

/** At a threshold that was fixed beforehand. */
export function atThreshold(scored, threshold) {
  const share = (kind) => {
    const some = scored.filter((one) => one.masquerade === kind);
    return some.filter((one) => one.score >= threshold).length / some.length;
  };
  return costOf(share(true), share(false));
}

function costOf(hits, alarms) {
  return { hits: 100 * hits, alarms: 100 * alarms, cost: 100 * (1 - hits) + 600 * alarms };
}

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
