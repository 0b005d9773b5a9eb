import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Instruction } from "../../model/index.js";

/** Recordings of real guacd, xrdp, TigerVNC and OpenSSH; they lie beside the project, not in it. */
const FOLDER = fileURLToPath(new URL("../../../../shared/data/guac-fixtures/", import.meta.url));

export const FIXTURES = [
  "rdp-full",
  "vnc-full",
  "ssh-full",
  "rdp-overlay-reauth-kill",
  "rdp-policy-blocks",
  "ssh-join-owner",
  "vnc-required-argv",
  "ssh-join-readonly",
  "ssh-join-readwrite",
  "ssh-error-badpassword",
  "rdp-error-refused",
  "rdp-error-badcert",
] as const;
export type FixtureName = (typeof FIXTURES)[number];

export interface FixtureRecord {
  /** ms since the connection was accepted. */
  readonly t: number;
  /** c2s: from the person; s2c: from guacd. Notes and what a recorder said itself are left out. */
  readonly from: "person" | "target";
  readonly instruction: Instruction;
}

export function fixturesAreThere(): boolean {
  return FIXTURES.every((name) => existsSync(`${FOLDER}${name}.jsonl.gz`));
}

export function readFixture(name: FixtureName): readonly FixtureRecord[] {
  const text = gunzipSync(readFileSync(`${FOLDER}${name}.jsonl.gz`)).toString("utf8");
  return text
    .trimEnd()
    .split("\n")
    .flatMap((line) => {
      const { t, d, i } = JSON.parse(line) as { t?: number; d?: string; i?: unknown }; // our own recorder's form
      if (t === undefined || !Array.isArray(i) || (d !== "c2s" && d !== "s2c")) return [];
      const [opcode = "", ...args] = i.map(String);
      return [{ t, from: d === "c2s" ? "person" : "target", instruction: { opcode, args } }];
    });
}
