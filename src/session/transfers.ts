import type { Analysis, Invocation, TransferActivity } from "../model/index.js";

/**
 * Files that an exec request moves, as the far ends of scp (`scp -t /path`: to the target, `scp -f`: from
 * it) and rsync (`rsync --server [--sender] ... . /path`) tell in their words. SFTP tells nothing here.
 */
export function transfersOf({ invocations }: Analysis): readonly TransferActivity[] {
  return invocations.flatMap((invocation) => {
    if (invocation.exec === "scp") return scpOf(invocation);
    if (invocation.exec === "rsync") return rsyncOf(invocation);
    return [];
  });
}

function scpOf({ argv }: Invocation): readonly TransferActivity[] {
  const words = argv.slice(1);
  const flags = words.filter((word) => word?.startsWith("-") === true).join("");
  const direction = flags.includes("t") ? "upload" : flags.includes("f") ? "download" : null;
  const path = words.at(-1);
  if (direction === null || typeof path !== "string" || path.startsWith("-")) return [];
  return [{ kind: "transfer", direction, via: "scp", path }];
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
