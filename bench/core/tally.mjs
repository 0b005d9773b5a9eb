// What of the planted things was shown, and what of everything else.

/** `query` reads rows from the store of a core that was told a whole year. */
export async function tally(query, year) {
  const figures = {};
  for (const [kind, things] of Object.entries(year.planted)) {
    const view = kind.startsWith("view-");
    const [table, flag] = view ? ["credential_view", kind.slice(5)] : ["session", kind];
    const rows = await query(`SELECT id, odd_${flag} AS odd FROM ${table}`);
    const raised = new Set(rows.filter(({ odd }) => odd === 1).map(({ id }) => id));
    const planted = new Set(things.flat());
    const ordinary = rows.filter(({ id, odd }) => odd !== null && !planted.has(id));
    const alarms = ordinary.filter(({ odd }) => odd === 1).length;
    figures[kind] = {
      planted: things.length,
      shown: things.filter((ids) => ids.some((id) => raised.has(id))).length,
      judged: ordinary.length,
      learning: rows.filter(({ odd }) => odd === null).length,
      alarms,
      falseAlarmRate: ordinary.length === 0 ? 0 : alarms / ordinary.length,
    };
  }
  return figures;
}
