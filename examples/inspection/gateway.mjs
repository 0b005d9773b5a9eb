// A gateway that runs commands for people, and asks Chaperone before each of them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const url = process.env.CHAPERONE_URL;
const token = readFileSync(process.env.CHAPERONE_TOKEN_FILE, "utf8").trim();

/** One call of the control API; null when there is no good answer. */
async function call(path, body) {
  try {
    const response = await globalThis.fetch(url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: globalThis.AbortSignal.timeout(
        session === null ? 10_000 : session.deadlineMs + 2_000,
      ),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** What becomes of one command. No verdict, or one that is not known here: it does not run. */
async function judge(seq, command) {
  for (;;) {
    const path = `/v1/sessions/${session.id}/inspect`;
    const answer = await call(path, { seq, kind: "command", command });
    if (answer === null) return { verdict: "block", told: "Chaperone does not answer." };
    if (answer.verdict !== "hold") return answer;
    process.stderr.write(answer.told);
  }
}

let session = null;
session = await call("/v1/sessions", {
  person: "alice",
  target: "local",
  origin: "192.0.2.7",
  failMode: "failClosed",
  context: { ticket: "CHG-1" },
});
if (session === null) throw new Error("the session was not opened");
for (const [at, command] of process.argv.slice(2).entries()) {
  const { verdict, told } = await judge(at + 1, command);
  process.stderr.write(told);
  console.log(`${verdict === "allow" ? "runs   " : "stopped"} ${command}`);
  if (verdict === "allow") spawnSync("/bin/sh", ["-c", command], { stdio: "inherit" });
  if (verdict === "kill") break;
}
await call(`/v1/sessions/${session.id}/end`);
