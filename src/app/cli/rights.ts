import type { Config, HostFacts, Notice } from "../config/index.js";

/** Root is needed for one thing only: embedded targets that run as somebody else. */
export function needsRoot(config: Config): boolean {
  return config.targets.some(
    (target) => target.type === "embedded" && target.runAs !== undefined && target.runAs.uid !== 0,
  );
}

/** What the rights of this process have to do with the configuration, for those who start it. */
export function rightsNotices(config: Config, host: HostFacts): readonly Notice[] {
  if (host.uid === 0) {
    if (needsRoot(config)) return [];
    const message = "the sidecar runs as root and nothing here needs it: give it a user of its own";
    return [{ kind: "unsafe", message }];
  }
  return config.targets.flatMap((target) =>
    target.type === "embedded" && target.runAs !== undefined && target.runAs.uid !== host.uid
      ? [
          {
            kind: "doubtful" as const,
            message: `only root can run a shell as uid ${target.runAs.uid}: \`${target.name}\` can not be reached`,
            at: target.at,
          },
        ]
      : [],
  );
}
