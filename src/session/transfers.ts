import type { Analysis, FileWatch, Invocation, TransferActivity } from "../model/index.js";

/**
 * Files that an exec request moves, as the far ends of scp (`scp -t /path`: to the target, `scp -f`: from
 * it) and rsync (`rsync --server [--sender] ... . /path`) tell in their words. What scp moves is followed file
 * by file once it runs; what rsync moves is not seen, its words are all there is.
 */
export function transfersOf({ invocations }: Analysis): readonly TransferActivity[] {
  return invocations.flatMap((invocation) => {
    if (invocation.exec === "scp") return scpOf(invocation);
    if (invocation.exec === "rsync") return rsyncOf(invocation);
    return [];
  });
}

/** Files are moved of which the line does not tell the names. */
export function movesUnknown({ invocations }: Analysis): boolean {
  return invocations.some(
    (one) =>
      one.argv.includes(null) &&
      ((one.exec === "scp" && scpDirection(one) !== null) ||
        (one.exec === "rsync" && one.argv.includes("--server"))),
  );
}

/** The protocol by which the files of an exec request can be followed; null: there are none, or rsync's. */
export function watchedBy({ invocations }: Analysis, strict: boolean): FileWatch | null {
  for (const one of invocations) {
    if (one.exec === "sftp-server") return { protocol: "sftp", strict };
    if (one.exec !== "scp") continue;
    const direction = scpDirection(one);
    if (direction === null) continue;
    const isFolder = one.argv.some((word) => word !== null && /^-[a-z]*d/.test(word));
    return { protocol: "scp", direction, path: one.argv.at(-1) ?? null, isFolder, strict };
  }
  return null;
}

function scpOf(invocation: Invocation): readonly TransferActivity[] {
  const direction = scpDirection(invocation);
  const path = invocation.argv.slice(1).at(-1);
  if (direction === null || typeof path !== "string" || path.startsWith("-")) return [];
  return [{ kind: "transfer", direction, via: "scp", path }];
}

function scpDirection({ argv }: Invocation): "upload" | "download" | null {
  const flags = argv
    .slice(1)
    .filter((word) => word?.startsWith("-") === true)
    .join("");
  return flags.includes("t") ? "upload" : flags.includes("f") ? "download" : null;
}

function rsyncOf({ argv }: Invocation): readonly TransferActivity[] {
  if (!argv.includes("--server")) return [];
  const direction = argv.includes("--sender") ? "download" : "upload";
  // Behind the flags stands a dot, and behind it the paths.
  const dot = argv.indexOf(".");
  return argv
    .slice(dot < 0 ? -1 : dot + 1)
    .flatMap((path) =>
      path === null ? [] : [{ kind: "transfer", direction, via: "rsync", path } as const],
    );
}
