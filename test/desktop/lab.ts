import { startDesktopLab, type DesktopLab } from "../../src/app/desktop-lab.testing.js";
import { drawnDesktop } from "../../src/protocols/guacamole/drawn-desktop.testing.js";
import { freePort } from "../e2e/lab/free-port.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: no-victim
    name: The victim is not touched
    criticality: high
    match: { command: { exec: rm, args: [/tmp/victim-of-the-lab] } }
    action: block
  - id: sure
    name: Who is it
    criticality: medium
    match: { command: { exec: touch } }
    action: { do: reauth, factors: [totp] }
  - id: no-archives
    name: No archives
    criticality: medium
    match: { transfer: { direction: upload, path: "*.zip" } }
    action: block
  - id: no-secrets
    name: No secrets in
    criticality: medium
    match: { clipboard: { direction: upload, content: { contains: "BEGIN PRIVATE" } } }
    action: block
`;
export const TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/** A guacd that is not the one of the tests, and a target (YAML of one flow mapping) that it reaches. */
export interface RealChain {
  readonly guacd: string;
  readonly target: string;
}

/** A sidecar with pages, in front of a guacd that draws what is typed, or of a real one. */
export async function startLab(chain?: RealChain): Promise<DesktopLab> {
  const port = await freePort();
  return await startDesktopLab({
    rules: RULES,
    desktop: drawnDesktop,
    ...(chain === undefined ? {} : { guacd: chain.guacd }),
    listen: `  pages: { address: 127.0.0.1, port: ${port}, publicUrl: "http://127.0.0.1:${port}" }`,
    people: [
      `{ name: alice, groups: [dba], password: { file: ./password }, totp: { value: ${TOTP} } }`,
    ],
    targets: [
      '{ name: closed, protocol: rdp, address: "192.0.2.8", desktop: { paste: deny, copy: deny, upload: deny }, accounts: [ { name: me, passthrough: true } ] }',
      ...(chain === undefined ? [] : [chain.target]),
    ],
  });
}
