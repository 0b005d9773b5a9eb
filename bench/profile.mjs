// Where the time goes while bulk passes: V8's profiler in a sidecar that has its sessions in the parent
// (one process, one profile).
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";

import { startBenchLab } from "./lab.mjs";

const ROWS = 12;
const SAMPLING_MICROS = 500;

export async function profileBulk({ megabytes }) {
  const lab = await startBenchLab({
    workers: 0,
    nodeOptions: [
      "--cpu-prof",
      "--cpu-prof-dir=profiles",
      `--cpu-prof-interval=${SAMPLING_MICROS}`,
    ],
  });
  const bytes = megabytes * 1_000_000;
  const down = spawnSync("ssh", [...lab.args, "sidecar", `head -c ${bytes} /dev/zero`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const up = spawnSync("sh", [
    "-c",
    `head -c ${bytes} /dev/zero | ssh -F "$0" sidecar 'cat > /dev/null'`,
    lab.sshConfig,
  ]);
  if (down.status !== 0 || up.status !== 0)
    throw new Error("the bulk for the profile did not pass");
  // The profile is written when the process ends by itself.
  await lab.stopSidecar();
  const folder = join(lab.folder, "profiles");
  const [file] = readdirSync(folder).sort();
  const shares = selfShares(JSON.parse(readFileSync(join(folder, file), "utf8")));
  await lab.end();
  return { megabytes, shares: shares.slice(0, ROWS) };
}

/** Self time by function and file, without the time in which there was nothing to do. */
function selfShares(profile) {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const micros = new Map();
  profile.samples.forEach((id, index) => {
    const frame = nodes.get(id);
    if (["(idle)", "(program)", "(root)"].includes(frame.functionName)) return;
    const file = frame.url.replace(/^.*?\/(node_modules|dist)\//, "$1/").replace(/^file:.*\//, "");
    const key = `${frame.functionName || "(anonymous)"}|${file || "native"}`;
    micros.set(key, (micros.get(key) ?? 0) + profile.timeDeltas[index]);
  });
  const total = [...micros.values()].reduce((a, b) => a + b, 0);
  return [...micros]
    .sort(([, a], [, b]) => b - a)
    .map(([key, time]) => {
      const [name, file] = key.split("|");
      return { name, file, share: time / total };
    });
}
