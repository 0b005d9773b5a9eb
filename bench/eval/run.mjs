// npm run eval [-- --only password,text,stream,masquerade,typed,cost] [--quick]
// Reruns the published protocols with the code of `chaperone score` from dist on the development data,
// where that lies beside the project (or at EVAL_DATA), and writes docs/behaviour.md.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { scoreKeystrokes } from "../../dist/app/cli/score/score-keystroke.js";
import { scoreSequences } from "../../dist/app/cli/score/score-sequence.js";
import { measureCost } from "./cost.mjs";
import { dataFolder, readCmu, readPurdue, readSea, readVillani } from "./data.mjs";
import { evaluatePassword, evaluateStreams, evaluateText } from "./evaluate-keystrokes.mjs";
import { evaluateMasquerades, evaluateTyped } from "./evaluate-sequences.mjs";
import { writePage } from "./page.mjs";

const RESULTS = fileURLToPath(new URL("./results.json", import.meta.url));
const PAGE = fileURLToPath(new URL("../../docs/behaviour.md", import.meta.url));
const folder = dataFolder();
if (folder === null) {
  console.error("npm run eval: there is no ../shared/data/behaviour beside the project");
  console.error(
    "  mend: set EVAL_DATA to the folder that holds cmu-password, villani-freetext, ...",
  );
  process.exit(3);
}
const quick = process.argv.includes("--quick");
const at = process.argv.indexOf("--only");
const only = at < 0 ? undefined : process.argv[at + 1]?.split(",");

const parts = {
  password: () => evaluatePassword(fewer(readCmu(folder), 12), scoreKeystrokes),
  text: () => evaluateText(fewer(readVillani(folder), 8), scoreKeystrokes),
  stream: () => evaluateStreams(fewer(readVillani(folder), 8), scoreKeystrokes),
  masquerade: () => evaluateMasquerades(fewer(readSea(folder), 10), scoreSequences),
  typed: () => evaluateTyped(readPurdue(folder), scoreSequences),
  cost: () => measureCost(),
};

for (const [name, evaluate] of Object.entries(parts)) {
  if (only !== undefined && !only.includes(name)) continue;
  console.log(`evaluating: ${name}`);
  const rows = evaluate();
  for (const { what, value } of rows) console.log(`  ${what}: ${value}`);
  // Part by part, so that a run that is broken off keeps what it has.
  if (!quick) writeFileSync(RESULTS, `${JSON.stringify({ ...kept(), [name]: rows }, null, 2)}\n`);
}
if (quick) {
  console.log("a quick run shows that everything works; its figures are not kept");
} else {
  writeFileSync(PAGE, writePage(kept()));
  // Both are checked in, and formatted as everything else.
  execFileSync("npx", ["--no-install", "prettier", "--write", RESULTS, PAGE], { stdio: "ignore" });
}

function kept() {
  return existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : {};
}

function fewer(people, count) {
  return quick ? new Map([...people].slice(0, count)) : people;
}
