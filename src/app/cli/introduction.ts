import { totpCode, totpStepAt, parseTotpSecret } from "../../identity/index.js";
import { Secret, type WallMicros } from "../../kernel/index.js";
import type { Config, DemoSecrets } from "../config/index.js";
import type { BoundAddress, RunningSidecar } from "../running-sidecar.js";
import { shortPath, type Style } from "./console.js";

export interface IntroductionFacts {
  readonly version: string;
  readonly config: Config;
  readonly addresses: RunningSidecar["addresses"];
  /** SHA-256 fingerprint of the ed25519 host key, as a client shows it at the first connection. */
  readonly fingerprint: string;
  readonly rules: number;
  readonly demo: readonly DemoSecrets[];
  readonly tries: readonly Try[];
  readonly wall: WallMicros;
}

/** A line that the rules in force answer in an interesting way. */
export interface Try {
  readonly line: string;
  readonly outcome: "block" | "reauth";
}

/** What a newcomer needs within their first two minutes; nothing secret but of demo people. */
export function introduce(facts: IntroductionFacts, style: Style): readonly string[] {
  const { config, addresses } = facts;
  const workers = config.workers === 0 ? "no workers" : `${config.workers} workers`;
  return [
    style.strong(
      `Chaperone ${facts.version} listens (site ${config.site}, ${workers}, ${facts.rules} rules)`,
    ),
    `  ssh         ${described(addresses.ssh)}  host key SHA256:${facts.fingerprint}`,
    ...introduceDoors(facts),
    ...introduceAdmin(facts),
    ...introducePages(facts),
    `  events      ${shortPath(config.events.file)}`,
    ...(config.recording.terminal === "off"
      ? []
      : [`  recordings  ${shortPath(config.recording.folder)}`]),
    ...facts.demo.flatMap((demo) => introduceDemo(demo, facts, style)),
  ];
}

/** Of desktops and web applications. */
function introduceDoors({ config, addresses }: IntroductionFacts): readonly string[] {
  const { guacd, guacamole, web } = addresses;
  const { listen } = config;
  const tunnel = listen.guacamole?.tls === undefined ? "ws" : "wss";
  const scheme = listen.web?.tls === undefined ? "http" : "https";
  return [
    ...(guacd === undefined
      ? []
      : [`  guacd       ${described(guacd)}  for Guacamole web applications`]),
    ...(guacamole === undefined
      ? []
      : [`  tunnel      ${tunnel}://${described(guacamole)}${listen.guacamole?.path ?? ""}`]),
    ...(web === undefined ? [] : [`  web         ${scheme}://${described(web)}`]),
  ];
}

function introduceAdmin({ config, addresses }: IntroductionFacts): readonly string[] {
  const { admin } = addresses;
  const listener = config.listen.admin;
  if (listener === undefined || admin === undefined) return [];
  const scheme = listener.tls === undefined ? "http" : "https";
  const [token] = listener.tokens;
  const where = token === undefined ? "" : `  token of ${token.name} in ${shortPath(token.file)}`;
  return [
    `  control API ${scheme}://${described(admin)}${where}`,
    "              npx --no-install chaperone ctl sessions",
  ];
}

function introducePages({ config, addresses }: IntroductionFacts): readonly string[] {
  const { pages } = addresses;
  const listener = config.listen.pages;
  if (listener === undefined || pages === undefined) return [];
  const scheme = listener.tls === undefined ? "http" : "https";
  return [
    `  pages       ${listener.publicOrigin ?? `${scheme}://localhost:${pages.port}`}`,
    "              npx --no-install chaperone people enrol NAME",
  ];
}

function introduceDemo(
  demo: DemoSecrets,
  facts: IntroductionFacts,
  style: Style,
): readonly string[] {
  const code = demo.totp === undefined ? null : codeOf(demo.totp, facts.wall);
  return [
    "",
    `Try it as the person ${demo.name}:`,
    `  ${style.strong(`ssh -p ${facts.addresses.ssh.port} ${demo.name}@${reachable(facts.addresses.ssh.address)}`)}`,
    ...(demo.password === undefined ? [] : [`  password    ${demo.password}`]),
    ...(code === null
      ? []
      : [
          `  TOTP        ${code} now; later: npx --no-install chaperone people code ${demo.name}`,
          `  TOTP secret ${demo.totp ?? ""} (for an authenticator app)`,
        ]),
    ...(demo.phrase === undefined
      ? []
      : [`  phrase      ${demo.phrase} (stands in every question that Chaperone asks)`]),
    ...triesOf(facts, style),
  ];
}

function triesOf({ tries, config }: IntroductionFacts, style: Style): readonly string[] {
  if (tries.length === 0) return [];
  const width = Math.max(...tries.map((one) => one.line.length));
  return [
    "",
    "Then type:",
    ...tries.map(({ line, outcome }) => {
      const what =
        outcome === "block"
          ? "stopped before it runs"
          : "asks who you are, runs after the TOTP code";
      return `  ${style.strong(line.padEnd(width))}   ${what}`;
    }),
    `and watch the facts in another terminal: tail -f ${shortPath(config.events.file)}`,
  ];
}

function codeOf(base32: string, wall: WallMicros): string | null {
  const secret = parseTotpSecret(new Secret(Buffer.from(base32)));
  if (!secret.ok) return null;
  const code = totpCode(secret.value, totpStepAt(wall));
  secret.value.wipe();
  return code;
}

function described({ address, port }: BoundAddress): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** An address that means "every one" can be bound, not connected to. */
function reachable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}
