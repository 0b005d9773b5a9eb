import { describe, expect, it } from "vitest";
import { parseConfig } from "./load-config.js";
import type { ReportMail } from "./resolve-reports.js";

const HOST = { uid: 1000, gid: 1000, hostname: "node-1", processors: 2, passwd: "" };
const NOTIFY =
  'notify: { mail: { address: "mail.example:587", from: a@example.net, subject: "[lab]", tls: { ca: ./ca.pem, pins: ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] } }, groups: { soc: { to: [soc@example.net] } } }';
const NOTICES = "notices: [security@example.net]";

function read(...lines: readonly string[]) {
  const text = [
    "apiVersion: chaperone/v1",
    "kind: Sidecar",
    "people: [ { name: alice, password: { value: x } } ]",
    "targets: [ { name: local, protocol: ssh, shell: { command: [/bin/bash] } } ]",
    ...lines,
  ].join("\n");
  const config = parseConfig({ text, file: "/etc/chaperone.yaml", host: HOST });
  const core = config.ok ? config.value.scoring?.core : undefined;
  const mail: ReportMail | undefined = core?.type === "embedded" ? core.mail : undefined;
  return { mail, faults: config.ok ? [] : config.error.map((one) => one.message) };
}

describe("the mail server of the scoring core", () => {
  it("is that of `notify:`, with all that is said of it there", () => {
    expect(read(`scoring: { ${NOTICES} }`, NOTIFY).mail).toEqual({
      address: "mail.example:587",
      security: "starttls",
      from: "a@example.net",
      subject: "[lab]",
      tls: { ca: "/etc/ca.pem", pins: ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] },
    });
    const report = "{ report: users-rating, every: 1d, mail: [a@example.net] }";
    expect(read(`scoring: { reports: [ ${report} ] }`, NOTIFY).mail?.from).toBe("a@example.net");
  });

  it("is its own where it has one, and none where nobody is to be told", () => {
    const own =
      'mail: { address: "other.example:465", security: tls, from: b@example.net, ca: b.pem }';
    expect(read(`scoring: { ${NOTICES}, ${own} }`, NOTIFY).mail).toEqual({
      address: "other.example:465",
      security: "tls",
      from: "b@example.net",
      subject: "[chaperone]",
      tls: { ca: "/etc/b.pem" },
    });
    expect(read("scoring: {}", NOTIFY)).toEqual({ mail: undefined, faults: [] });
  });

  it.each([
    ["there is none", `scoring: { ${NOTICES} }`, "needs `scoring.mail` or `notify.mail`"],
    [
      "two certificates of authorities are named",
      'scoring: { mail: { address: "m.example:25", from: a@b, ca: a.pem, tls: { ca: b.pem } } }',
      "either `ca` or `tls`",
    ],
    [
      "a certificate has no key",
      'scoring: { mail: { address: "m.example:25", from: a@b, tls: { cert: b.pem } } }',
      "`cert` and `key` must be given together",
    ],
    [
      "personal data would leave the machine in clear text",
      'scoring: { mail: { address: "m.example:25", from: a@b, security: none } }',
      "reports go to another machine",
    ],
  ])("is refused when %s", (_, scoring, message) => {
    expect(read(scoring).faults).toEqual([expect.stringContaining(message)]);
  });
});
