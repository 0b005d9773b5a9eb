// How many attacks the builtin Linux pack sees, and how many everyday commands it takes for one. The
// corpora are no part of the project: they are looked for beside it (or under CHAPERONE_DATA), read as
// text and never executed.
//   npm run eval:pack [-- --show misses|alarms] [-- --rules FILE...]
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";

import { compileRules, explainLine } from "../dist/rules/index.js";

const NAIVE = { attacks: 0.598, alarms: 0.0063 };
const BARS = { attacks: 0.85, alarms: 0.005 };
const LOUD = new Set(["medium", "high", "critical"]);
const SUBJECT = {
  protocol: "ssh",
  origin: "127.0.0.1",
  account: "root",
  person: { name: "", groups: [], phrase: "", factors: [] },
  target: { name: "target", labels: {}, embedded: false, address: "192.0.2.1:22" },
};
const NOON = Date.UTC(2026, 0, 7, 12) * 1_000;

const { values } = parseArgs({
  options: {
    show: { type: "string", multiple: true, default: [] },
    rules: {
      type: "string",
      multiple: true,
      default: ["config/rules/linux.yaml", "config/rules/linux"],
    },
    attacks: { type: "string" },
    benign: { type: "string" },
  },
});
const data = resolve(process.env.CHAPERONE_DATA ?? "../shared/data", "rules-src");
const attacksFile = values.attacks ?? join(data, "atomic/atomic-linux-dev.json");
const benignFile = values.benign ?? join(data, "tldr/tldr-commands-dev.CC-BY-4.0.json.gz");
for (const file of [attacksFile, benignFile]) {
  if (existsSync(file)) continue;
  console.error(`eval:pack: there is no ${file}; set CHAPERONE_DATA to where the corpora are`);
  process.exit(3);
}

const ruleset = compile(values.rules);
const attacks = readAttacks(attacksFile);
const benign = readBenign(benignFile);
const seen = attacks.map((attack) => ({ ...attack, hits: hitsOf(attack.text) }));
const quiet = benign.map((text) => ({ text, hits: hitsOf(text) }));
const share = (all, holds) => all.filter(holds).length / all.length;
const loud = ({ hits }) => hits.some((hit) => LOUD.has(hit.criticality));
const any = ({ hits }) => hits.length > 0;
const figures = {
  attacksLoud: share(seen, loud),
  attacksAny: share(seen, any),
  alarmsLoud: share(quiet, loud),
  alarmsAny: share(quiet, any),
};
const percent = (value, digits = 1) => `${(value * 100).toFixed(digits)} %`;
console.log(
  `rules: ${ruleset.size}   attacks: ${attacks.length}   everyday commands: ${benign.length}`,
);
console.log(
  `attacks hit at medium or above   ${percent(figures.attacksLoud)}   (at any level ${percent(figures.attacksAny)}; bar ${percent(BARS.attacks)}, naive Sigma import ${percent(NAIVE.attacks)} at any level)`,
);
console.log(
  `everyday hit at medium or above  ${percent(figures.alarmsLoud, 2)}   (at any level ${percent(figures.alarmsAny, 2)}; bar ${percent(BARS.alarms, 2)}, naive Sigma import ${percent(NAIVE.alarms, 2)})`,
);
if (values.show.includes("misses"))
  for (const one of seen.filter((attack) => !loud(attack)))
    console.log(
      `\n# ${one.technique} ${one.name} [${one.hits.map((hit) => `${hit.id}:${hit.criticality}`).join(" ")}]\n${one.text}`,
    );
if (values.show.includes("alarms")) {
  const byRule = new Map();
  for (const one of quiet.filter(loud))
    for (const hit of one.hits.filter(({ criticality }) => LOUD.has(criticality)))
      byRule.set(hit.id, [...(byRule.get(hit.id) ?? []), one.text]);
  for (const [id, lines] of [...byRule].sort((a, b) => b[1].length - a[1].length))
    console.log(`\n# ${id} ${lines.length}\n  ${lines.join("\n  ")}`);
}
process.exit(figures.attacksLoud >= BARS.attacks && figures.alarmsLoud <= BARS.alarms ? 0 : 1);

function compile(paths) {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => name.endsWith(".yaml"))
          .map((name) => join(path, name))
      : [path],
  );
  const compiled = compileRules(
    files.map((file) => ({ file, text: readFileSync(file, "utf8") })),
    { sha256: (text) => createHash("sha256").update(text).digest("hex") },
  );
  if (compiled.ok) return compiled.value;
  for (const { code, message, at } of compiled.error)
    console.error(`${at?.file}:${at?.line}:${at?.column} ${code} ${message}`);
  process.exit(3);
}

function hitsOf(line) {
  const { hits } = explainLine(ruleset, line, { subject: SUBJECT, context: { wall: NOON } });
  return hits;
}

/** Tests for a shell, their placeholders filled with the defaults, each as one script. */
function readAttacks(file) {
  return JSON.parse(readFileSync(file, "utf8"))
    .filter(({ executor }) => executor === "sh" || executor === "bash")
    .map(({ technique, name, command, args }) => ({
      technique,
      name,
      text: command.replace(/#\{(\w+)\}/g, (whole, key) => args[key] ?? whole).trim(),
    }));
}

function readBenign(file) {
  return JSON.parse(gunzipSync(readFileSync(file)).toString()).map(([, , command]) => command);
}
