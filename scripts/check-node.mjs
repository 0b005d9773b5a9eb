// Says in words what an old Node would say in syntax errors. Plain old JavaScript on purpose.
import { readFileSync } from "node:fs";

const wanted = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).engines
  .node;
const least = wanted.replace(/^>=/, "").split(".").map(Number);
const here = process.versions.node.split(".").map(Number);
const enough = here[0] > least[0] || (here[0] === least[0] && here[1] >= (least[1] ?? 0));
if (!enough) {
  console.error(`Chaperone needs Node ${wanted}; this is ${process.versions.node}.`);
  console.error("Install a current LTS release of Node and try again.");
  process.exit(3);
}
