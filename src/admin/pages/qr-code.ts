import { encode } from "uqr";
import { Html } from "./html.js";

/** Light modules around the code, which scanners need (ISO/IEC 18004 section 9.1). */
const QUIET_ZONE = 4;

/** The text as a QR code: one path, dark on light whatever the page looks like, so that it can be scanned. */
export function qrCode(text: string, label: string): Html {
  const { data, size } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const rows = data.map((row, y) => runsOf(row).map(([x, run]) => `M${x} ${y}h${run}v1h-${run}z`));
  const path = rows.flat().join("");
  return new Html(
    `<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
      `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path}"/></svg>`,
  );
}

/** Dark stretches of a row: where each begins and how long it is. */
function runsOf(row: readonly boolean[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  row.forEach((dark, x) => {
    const last = runs.at(-1);
    if (!dark) return;
    if (last !== undefined && last[0] + last[1] === x) last[1] += 1;
    else runs.push([x, 1]);
  });
  return runs;
}
