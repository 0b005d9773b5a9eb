import { isLikely, unsure, type Text } from "../words/text.js";
import { copyScope, type Scope } from "./scope.js";
import type { Frame, Walk } from "./walk.js";

/**
 * Files that are written into places from which they are started later, by the system or by the next
 * shell: what they start is judged when they are written.
 */
interface StartupPlace {
  readonly path: RegExp;
  /** Group 1 of a line is what is started; absent: the file is a script of the shell. */
  readonly line?: RegExp;
}

const PLACES: readonly StartupPlace[] = [
  {
    path: /^\/etc\/(?:profile|bash\.bashrc|bashrc|rc\.local|rc\.d\/rc\.local|zshrc|zsh\/\w+)$/,
  },
  {
    path: /^\/etc\/(?:profile\.d|init\.d|cron\.(?:hourly|daily|weekly|monthly)|update-motd\.d|network\/if-\w+\.d)\/[^/]+$/,
  },
  {
    path: /^(?:~|\/root|\/home\/[^/]+)\/\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zprofile|zshenv|zlogin|kshrc)$/,
  },
  { path: /\/\.git\/hooks\/[a-z-]+$/ },
  {
    path: /^(?:\/etc\/crontab|\/etc\/cron\.d\/[^/]+)$/,
    line: /^\s*(?:@\w+|(?:[\d*,/A-Za-z-]+[ \t]+){5})\s*[\w-]+[ \t]+(\S.*)$/,
  },
  {
    path: /^\/var\/spool\/cron\/.+$/,
    line: /^\s*(?:@\w+|(?:[\d*,/A-Za-z-]+[ \t]+){5})\s*(\S.*)$/,
  },
  {
    path: /\/systemd\/(?:system|user)\/.+\.(?:service|conf)$/,
    line: /^\s*Exec(?:Start|Stop|Reload|Condition)(?:Pre|Post)?\s*=\s*[-@:+!]*(\S.*)$/,
  },
];

/** Walks what a line has put into such places. */
export function walkStartupFiles(walk: Walk, scope: Scope, frame: Frame): void {
  for (const [path, file] of scope.files) {
    if (file === null || !isLikely(file) || file.text === "") continue;
    const place = PLACES.find((one) => one.path.test(path));
    if (place === undefined) continue;
    for (const text of startedBy(place, file))
      walk.runText(text.text, {
        ...frame,
        scope: copyScope(scope),
        context: "script",
        // What stood there before is nothing that this line has said.
        doubtful: false,
      });
  }
}

function startedBy({ line }: StartupPlace, file: Text): readonly Text[] {
  if (line === undefined) return [file];
  return file.text
    .split("\n")
    .slice(0, LINES_MAX)
    .flatMap((one) => line.exec(one)?.[1] ?? [])
    .map((text) => unsure({ text, known: true }));
}

/** Lines of one file that are looked at. */
const LINES_MAX = 128;
