#!/usr/bin/env node
// Plain JavaScript that every Node understands: an old one, or a missing build, is told in words.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const COULD_NOT_RUN = 3;
const [major, minor] = process.versions.node.split(".").map(Number);
const program = new URL("../dist/app/cli/main.js", import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`chaperone: needs Node 20.19 or newer, this is ${process.versions.node}`);
  console.error("  mend: install a current LTS release of Node");
  process.exitCode = COULD_NOT_RUN;
} else if (!existsSync(program)) {
  console.error(`chaperone: not built yet (${fileURLToPath(program)} is missing)`);
  console.error("  mend: run `npm ci && npm run build`, or start with ./scripts/start");
  process.exitCode = COULD_NOT_RUN;
} else {
  const { main } = await import(program.href);
  await main();
}
