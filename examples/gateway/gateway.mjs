// A PAM gateway in small: it knows people and what they may do, and lets Chaperone watch the sessions.
//
//   node gateway.mjs serve                      answers Chaperone's questions about people (directory)
//   node gateway.mjs route PERSON TARGET [CMD]  opens a session for a person it has authenticated
//
// Environment: GATEWAY_KEY_FILE (shared key), GATEWAY_PORT, CHAPERONE_URL, CHAPERONE_TOKEN_FILE.
/* global fetch */
import { spawn } from "node:child_process";
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/** What a real gateway has in its database. */
const PEOPLE = {
  alice: { groups: ["dba"], password: "alice's own password", targets: ["local"] },
  bob: { groups: ["guests"], password: "bob's own password", targets: [] },
};
const CLOCK_SKEW_SECONDS_MAX = 60;
const BODY_BYTES_MAX = 64 * 1024;

const key = () => readFileSync(process.env.GATEWAY_KEY_FILE).toString("utf8").trim();
const sign = (text) => `v1,${createHmac("sha256", key()).update(text).digest("base64")}`;

function isSigned({ headers }, body) {
  const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": given = "" } = headers;
  if (Math.abs(Date.now() / 1000 - Number(time)) > CLOCK_SKEW_SECONDS_MAX) return false;
  const expected = Buffer.from(sign(`${id}.${time}.${body}`));
  const shown = Buffer.from(given);
  return shown.length === expected.length && timingSafeEqual(shown, expected);
}

function answer(question) {
  const person = PEOPLE[question.person];
  switch (question.kind) {
    case "person":
      return { person: person === undefined ? null : { groups: person.groups, password: true } };
    case "password":
      return { accepted: person !== undefined && question.password === person.password };
    case "authorize": {
      const target = question.target ?? person?.targets[0];
      if (person === undefined || !person.targets.includes(target)) {
        return { allowed: false, reason: "not one of your targets" };
      }
      const account = question.account ?? process.env.GATEWAY_ACCOUNT;
      return { allowed: true, target, account, context: { ticket: "CHG-1" } };
    }
    default:
      return {};
  }
}

function serve() {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) {
      body += chunk;
      if (body.length > BODY_BYTES_MAX) return request.destroy();
    }
    if (!isSigned(request, body)) return response.writeHead(401).end();
    const text = JSON.stringify(answer(JSON.parse(body)));
    const signature = sign(`${request.headers["webhook-id"]}.${text}`);
    return response.writeHead(200, { "webhook-signature": signature }).end(text);
  });
  server.listen(Number(process.env.GATEWAY_PORT), "127.0.0.1");
}

/** The person has proved to the gateway who they are; from here on Chaperone takes its word. */
async function route(person, target, command) {
  const token = readFileSync(process.env.CHAPERONE_TOKEN_FILE, "utf8").trim();
  const issued = await fetch(`${process.env.CHAPERONE_URL}/v1/session-tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ person, target, context: { gatewaySession: String(process.pid) } }),
  });
  if (!issued.ok) throw new Error(`Chaperone refused: ${await issued.text()}`);
  const { ssh } = await issued.json();
  const options = ["StrictHostKeyChecking=accept-new", "PreferredAuthentications=none"];
  const client = spawn(
    "ssh",
    [
      ...["-F", "/dev/null", "-p", String(ssh.port), "-o", `UserKnownHostsFile=${knownHosts()}`],
      ...options.flatMap((one) => ["-o", one]),
      ...["-o", "LogLevel=ERROR", `${ssh.user}@${ssh.host}`, ...command],
    ],
    { stdio: "inherit" },
  );
  client.on("exit", (code) => process.exit(code ?? 1));
}

const knownHosts = () => process.env.GATEWAY_KNOWN_HOSTS ?? "/dev/null";

const [verb, ...args] = process.argv.slice(2);
if (verb === "serve") serve();
else if (verb === "route") await route(args[0], args[1], args.slice(2));
else {
  console.error("usage: gateway.mjs serve | route PERSON TARGET [COMMAND...]");
  process.exit(2);
}
