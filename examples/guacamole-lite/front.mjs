// guacamole-lite in front of Chaperone's guacd listener.
//
//   node front.mjs PERSON TARGET      prints the address of a tunnel for one session of this person
//
// Environment: CHAPERONE_URL (control API), CHAPERONE_TOKEN_FILE, CHAPERONE_GUACD (host:port of
// listen.guacd), FRONT_PORT, PROTOCOL (rdp).
/* global fetch */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import GuacamoleLite from "guacamole-lite";

const { CHAPERONE_URL = "http://127.0.0.1:8686", PROTOCOL = "rdp" } = process.env;
const [host, port] = (process.env.CHAPERONE_GUACD ?? "127.0.0.1:4822").split(":");
const frontPort = Number(process.env.FRONT_PORT ?? 8082);

/** Of this process alone: its tokens die with it. */
const key = randomBytes(32);
const CYPHER = "AES-256-CBC";

/** A one-time token: whoever shows it to Chaperone is this person, once, on this target. */
async function sessionToken(person, target) {
  const apiToken = readFileSync(process.env.CHAPERONE_TOKEN_FILE, "utf8").trim();
  const answer = await fetch(`${CHAPERONE_URL}/v1/session-tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
    body: JSON.stringify({ person, target }),
  });
  if (!answer.ok) throw new Error(`the control API says ${answer.status}`);
  return (await answer.json()).token;
}

/** What guacamole-lite reads from the address: a setting for each name in guacd's `args`. */
function seal(settings) {
  const iv = randomBytes(16);
  const cipher = createCipheriv(CYPHER, key, iv);
  const text = JSON.stringify({ connection: { type: PROTOCOL, settings } });
  const value = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  const packed = { iv: iv.toString("base64"), value: value.toString("base64") };
  return Buffer.from(JSON.stringify(packed)).toString("base64");
}

/** guacamole-lite ends the whole process on a bad token: it only gets good ones. */
function isOurs(url) {
  try {
    const token = new URL(url, "http://front").searchParams.get("token") ?? "";
    const { iv, value } = JSON.parse(Buffer.from(token, "base64").toString());
    const decipher = createDecipheriv(CYPHER, key, Buffer.from(iv, "base64"));
    JSON.parse(decipher.update(value, "base64", "utf8") + decipher.final("utf8"));
    return true;
  } catch {
    return false;
  }
}

const [person, target] = process.argv.slice(2);
if (target === undefined) {
  console.error("usage: node front.mjs PERSON TARGET");
  process.exit(2);
}
const front = new GuacamoleLite(
  {
    host: "127.0.0.1",
    port: frontPort,
    verifyClient: ({ req }, answer) => answer(isOurs(req.url), 403, "Forbidden"),
  },
  { host, port: Number(port) },
  // Its log prints passwords when it is told to say more.
  { crypt: { cypher: CYPHER, key }, log: { level: 10 }, maxInactivityTime: 0 },
);
const settings = { "chaperone-token": await sessionToken(person, target), hostname: target };
const bound = front.webSocketServer.address()?.port ?? frontPort;
console.log(`ws://127.0.0.1:${bound}/?token=${encodeURIComponent(seal(settings))}`);
