import { describe, expect, it } from "vitest";
import { parseConfig } from "./load-config.js";

const host = { uid: 1000, gid: 1000, processors: 1, hostname: "h", passwd: "" };

function parse(sinks: string, more = "") {
  const text = `apiVersion: chaperone/v1
kind: Sidecar
targets: [ { name: t, protocol: ssh, address: "127.0.0.1:1", hostKey: { trust: first-use }, accounts: [ { name: root, passthrough: true } ] } ]
events:
${more}  sinks:
${sinks}`;
  return parseConfig({ text, file: "/etc/chaperone/chaperone.yaml", host });
}

function faults(sinks: string, more = ""): readonly string[] {
  const read = parse(sinks, more);
  return read.ok ? [] : read.error.map(({ message, at }) => `${at?.line}:${at?.column} ${message}`);
}

const HOOK = `type: webhook, url: "https://hooks.example/x", secret: { env: K }`;

describe("events.sinks", () => {
  it("takes a sink of every kind with what it needs, and fills in the rest", () => {
    const read = parse(`    - { name: a, ${HOOK} }
    - { name: b, type: syslog, address: "siem.example:6514" }
    - { name: c, type: splunk-hec, url: "https://splunk.example:8088", token: { env: T } }
    - { name: d, type: elasticsearch, url: "https://elastic.example:9200", apiKey: { file: ./key } }
    - { name: e, type: otlp, url: "https://otel.example/v1/logs" }
    - { name: f, type: nats, servers: ["nats.example:4222"], tls: {} }
    - { name: g, type: smtp, address: "mail.example:587", from: a@b.example, to: [c@d.example] }
    - { name: h, type: file, path: ./copy.ndjson, group: 60s }
`);
    if (!read.ok) throw new Error(read.error.map(({ message }) => message).join("\\n"));
    const { sinks, outboxBytesMax } = read.value.events;
    expect(sinks.map(({ format }) => format)).toEqual([
      "cloudevents",
      "cef",
      "cloudevents",
      "ecs",
      "cloudevents",
      "cloudevents",
      "cloudevents",
      "cloudevents",
    ]);
    expect(sinks.map(({ batch }) => batch.lingerMs)).toEqual([0, 0, 0, 0, 0, 0, 300_000, 0]);
    expect(sinks[7]?.groupMs).toBe(60_000);
    expect(outboxBytesMax).toBe(1024 ** 3);
    expect(sinks.flatMap(({ secrets }) => secrets.map(({ type }) => type))).toEqual([
      "env",
      "env",
      "file",
    ]);
    expect(read.value.notices.filter(({ kind }) => kind === "unsafe")).toEqual([]);
  });

  it.each([
    [
      `    - { name: a, type: kafka }\n`,
      /^6:24 `events\.sinks\[0\]\.type`: must be one of file, syslog, /,
    ],
    [
      `    - { name: a, ${HOOK}, fromat: cef }\n`,
      /^6:\d+ unknown key `events\.sinks\[0\]\.fromat`; did you mean `format`\?$/,
    ],
    [`    - { name: a, ${HOOK}, format: xml }\n`, /format`: /],
    [`    - { name: a, type: webhook, url: "ftp://x/", secret: { env: K } }\n`, /http or https/],
    [
      `    - { name: a, type: webhook, url: "https://u:p@x/", secret: { env: K } }\n`,
      /without a user/,
    ],
    [`    - { name: file, ${HOOK} }\n`, /the name `file` is taken/],
    [
      `    - { name: a, ${HOOK} }\n    - { name: a, ${HOOK} }\n`,
      /^7:15 the name `a` is used twice$/,
    ],
    [
      `    - { name: a, type: webhook, url: "https://x/", secret: { env: K, file: f } }\n`,
      /exactly one way/,
    ],
    [
      `    - { name: a, type: smtp, address: "m:25", from: a@b, to: [c@d], username: u }\n`,
      /given together/,
    ],
    [
      `    - { name: a, type: syslog, address: "m:6514", tls: { cert: c.pem } }\n`,
      /`cert` and `key` must be given together/,
    ],
    [
      `    - { name: a, type: nats, servers: ["n:4222"], tls: { serverName: n } }\n`,
      /can not be checked for NATS/,
    ],
    [`    - { name: a, type: syslog, address: "siem.example" }\n`, /host:port/],
    [`    - { name: a, ${HOOK}, group: 60 }\n`, /group/],
  ])("refuses %j, and says why and where", (sinks, why) => {
    const [first = "", ...rest] = faults(sinks);
    expect(first).toMatch(why);
    expect(rest).toEqual([]);
  });

  it("warns about secrets in the file and about events that others can read on the way", () => {
    const read =
      parse(`    - { name: a, type: webhook, url: "http://hooks.example/", secret: { value: s } }
    - { name: b, type: syslog, transport: udp, address: "10.0.0.1:514" }
    - { name: c, type: syslog, transport: udp, address: "127.0.0.1:514" }
    - { name: d, type: nats, servers: ["127.0.0.1:4222"] }
`);
    const notices = read.ok ? read.value.notices : [];
    expect(notices.map(({ message }) => message)).toEqual([
      "the sink `a` holds the secret itself: use `env` or `file`",
      "events go to the sink `a` without encryption, to another machine",
      "events go to the sink `b` without encryption, to another machine",
    ]);
  });

  it("takes sizes with a unit only", () => {
    expect(faults("    []\n", "  outbox: 100\n")).not.toEqual([]);
    expect(faults("    []\n", "  outbox: 512MiB\n")).toEqual([]);
  });
});
