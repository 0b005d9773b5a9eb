// npm run bench [-- --only throughput,cpu,keys,setup,memory,core,profile,sinks,desktop,web] [--quick]
// Measures the sidecar from dist against real OpenSSH on loopback and writes docs/performance.md.
// Parts that were not run keep their last figures (bench/results.json).
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

import { measureCore } from "./core.mjs";
import { measureCpu } from "./cpu.mjs";
import { measureDesktop } from "./desktop.mjs";
import { measureKeys } from "./keys.mjs";
import { startBenchLab } from "./lab.mjs";
import { profileBulk } from "./profile.mjs";
import { writeReport } from "./report.mjs";
import { measureMemory, measureSetUp } from "./sessions.mjs";
import { measureSinks } from "./sinks.mjs";
import { measureThroughput } from "./throughput.mjs";
import { measureWeb } from "./web.mjs";

const RESULTS = new URL("./results.json", import.meta.url);
const RESULTS_FILE = fileURLToPath(RESULTS);
const REPORT_FILE = fileURLToPath(new URL("../docs/performance.md", import.meta.url));
const only = option("--only")?.split(",");
const quick = process.argv.includes("--quick");
const sizes = quick
  ? {
      rounds: 2,
      requests: 2_000,
      megabytes: 64,
      keys: 300,
      connections: 10,
      sessions: 20,
      profile: 64,
      sinks: { sustainedEvents: 5_000, latencyEvents: 400, rounds: 1, keysPerRound: 100 },
      desktop: { sessions: 10, seconds: 3, turns: 50, rounds: 1 },
    }
  : {
      rounds: 5,
      requests: 20_000,
      megabytes: 256,
      keys: 2_000,
      connections: 40,
      sessions: 200,
      profile: 256,
      sinks: { sustainedEvents: 200_000, latencyEvents: 10_000 },
      desktop: { sessions: 100, seconds: 30, turns: 1_000, rounds: 5 },
    };

const parts = {
  core: () => measureCore(),
  throughput: () => withLab((lab) => measureThroughput(lab, sizes)),
  cpu: () => measureCpu({ rounds: sizes.rounds, megabytes: sizes.megabytes }),
  keys: () => withLab((lab) => measureKeys(lab, sizes)),
  setup: () => withLab((lab) => measureSetUp(lab, sizes)),
  memory: () => withLab((lab) => measureMemory(lab, sizes)),
  profile: () => profileBulk({ megabytes: sizes.profile }),
  sinks: () => measureSinks(sizes.sinks),
  web: () => measureWeb({ rounds: sizes.rounds, requests: sizes.requests }),
  desktop: () => measureDesktop(sizes.desktop),
};

/** Of others: nothing of ours runs yet. */
const loadBefore = Math.round(loadavg()[0] ?? 0);
const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : {};
for (const [name, measure] of Object.entries(parts)) {
  if (only !== undefined && !only.includes(name)) continue;
  console.log(`measuring: ${name}`);
  const figures = await measure();
  console.log(JSON.stringify(figures, null, 1));
  results[name] = { at: new Date().toISOString().slice(0, 10), loadBefore, figures };
}
if (quick) {
  console.log("a quick run shows that everything works; its figures are not kept");
} else {
  results.environment = environment();
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  writeReport(results);
  // The files are checked in, and formatted as everything else.
  execFileSync("npx", ["--no-install", "prettier", "--write", RESULTS_FILE, REPORT_FILE], {
    stdio: "ignore",
  });
}

async function withLab(measure) {
  const lab = await startBenchLab();
  try {
    return await measure(lab);
  } finally {
    await lab.end();
  }
}

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

function environment() {
  const require = createRequire(import.meta.url);
  let addon = "present";
  try {
    require("ssh2/lib/protocol/crypto/build/Release/sshcrypto.node");
  } catch {
    addon = "absent";
  }
  const ssh = execFileSync("sh", ["-c", "ssh -V 2>&1"], { encoding: "utf8" }).split(",")[0];
  return {
    node: process.versions.node,
    openssl: process.versions.openssl,
    ssh: ssh.trim(),
    kernel: release(),
    processors: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    addon,
  };
}
