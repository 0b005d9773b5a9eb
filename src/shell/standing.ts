import type { ShellKnowledge } from "./analyse.js";
import { resolvePath } from "./words/path.js";

/**
 * The same knowledge of a shell that stands in `cwd` (absolute), wherever it was believed to stand. What
 * it has written in a folder that was not known yet lies there.
 */
export function standingIn(knowledge: ShellKnowledge, cwd: string): ShellKnowledge {
  const { shell, files } = knowledge;
  if (shell === undefined) return { ...knowledge, cwd };
  const here = placed(shell.place, cwd);
  return {
    ...knowledge,
    cwd,
    ...(files === undefined ? {} : { files: here(files) }),
    shell: { ...shell, place: cwd, supposed: null, links: here(shell.links) },
  };
}

/** Paths below a place that only had a name of ours (`?3/run.sh`) are told by where it is. */
function placed(
  place: string,
  cwd: string,
): <T>(table: ReadonlyMap<string, T>) => ReadonlyMap<string, T> {
  const below = `${place}/`;
  return (table) => {
    if (!place.startsWith("?") || ![...table.keys()].some((path) => path.startsWith(below)))
      return table;
    return new Map(
      Array.from(table, ([path, value]) => [
        path.startsWith(below) ? resolvePath(path.slice(below.length), { cwd }) : path,
        value,
      ]),
    );
  };
}
