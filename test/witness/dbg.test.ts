import { it } from "vitest";
import { openShellLab } from "/tmp/wit/repo/src/session/shell-lab.testing.js";
async function run(name: any, rc: string, keys: string[]) {
  const fi = await openShellLab({ name, rc });
  for (const k of keys) { for (const c of k.startsWith("\x1b") ? [k] : k) { fi.type(c); await fi.settled(10);} await fi.settled(100); }
  await fi.settled(100);
  console.log(fi.records.filter(r=>r.type==="output").map(r=>r.type+JSON.stringify(Buffer.from(r.bytes).toString())).join("\n"));
  console.log(fi.events.filter(e=>e.type==="command.entered").map(e=>JSON.stringify(e.data)).join("\n"));
  fi.close();
}
it("a", async () => { await run("zsh", "", ["say later", "\x1bq", "say now\r", "\r"]); });
it("b", async () => { await run("bash", "set -o vi", ["say one two", "\x1bbcw", "three\r"]); });
it("c", async () => { await run("fish", "fish_vi_key_bindings", ["say onx","\x1bre", "\r"]); });
