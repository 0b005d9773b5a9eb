import type { Place } from "../../kernel/index.js";
import { isLoopback } from "./address.js";
import type { Notice } from "./config.js";
import type { SinkConfig } from "./resolve-sink.js";
import { LATER_PROTOCOLS, type ConfigFile } from "./schema.js";
import type { KeyPath, YamlDocument } from "./yaml-document.js";

/** What is accepted but does nothing in this version, and what is allowed but unsafe. */
export function noticesOf(
  entry: ConfigFile,
  document: YamlDocument,
  sinks: readonly SinkConfig[],
): readonly Notice[] {
  const later: KeyPath[] = [];
  entry.targets.forEach((target, index) => {
    if ((LATER_PROTOCOLS as readonly string[]).includes(target.protocol))
      later.push(["targets", index]);
  });
  const notActive = later.map((path): Notice => ({
    kind: "not-active",
    message: `\`${path.join(".")}\` is accepted, not active in this version`,
    at: document.placeOfKey(path),
  }));
  return [
    ...notActive,
    ...literalSecrets(entry, document),
    ...sinkNotices(sinks),
    ...exposure(entry, document),
  ];
}

function literalSecrets(entry: ConfigFile, document: YamlDocument): readonly Notice[] {
  const places: KeyPath[] = [];
  entry.people.forEach((person, index) => {
    for (const key of ["password", "totp", "phrase"] as const) {
      if (person[key]?.value !== undefined) places.push(["people", index, key, "value"]);
    }
  });
  if (entry.directory?.key.value !== undefined) places.push(["directory", "key", "value"]);
  if (entry.factors.webhook?.key.value !== undefined) {
    places.push(["factors", "webhook", "key", "value"]);
  }
  entry.targets.forEach((target, t) => {
    target.accounts.forEach((account, a) => {
      for (const key of ["password", "key", "passphrase"] as const) {
        if (account[key]?.value !== undefined)
          places.push(["targets", t, "accounts", a, key, "value"]);
      }
    });
  });
  return places.map((path) => ({
    kind: "unsafe",
    message: `\`${path.slice(0, -1).join(".")}\` holds the secret itself: use \`env\` or \`file\` outside of tests`,
    at: document.placeOfKey(path),
  }));
}

/** Events hold names, addresses and commands: who can listen on the way, learns them. */
function sinkNotices(sinks: readonly SinkConfig[]): readonly Notice[] {
  return sinks.flatMap(({ name, at, secrets, readable }) => [
    ...(secrets.some(({ type }) => type === "value")
      ? [unsafe(`the sink \`${name}\` holds the secret itself: use \`env\` or \`file\``, at)]
      : []),
    ...(readable
      ? [unsafe(`events go to the sink \`${name}\` without encryption, to another machine`, at)]
      : []),
  ]);
}

function unsafe(message: string, at: Place): Notice {
  return { kind: "unsafe", message, at };
}

function exposure(entry: ConfigFile, document: YamlDocument): readonly Notice[] {
  if (isLoopback(entry.listen.ssh.address)) return [];
  return entry.people.flatMap((person, index) =>
    person.demo
      ? [
          {
            kind: "unsafe" as const,
            message: `the demo person \`${person.name}\`, whose secrets are printed at start, can log in from other machines`,
            at: document.placeOf(["people", index]),
          },
        ]
      : [],
  );
}
