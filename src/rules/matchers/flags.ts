/** The flags of one invocation, spelled out. */
export interface FlagWords {
  /** Letters of `-rf`, one by one. */
  readonly letters: ReadonlySet<string>;
  /** Names of `--force`. */
  readonly names: readonly string[];
  /** Whole single-dash words (`-delete`, `-rf`). */
  readonly words: readonly string[];
  /** Some word could not be known: it may have been any flag. */
  readonly unknown: boolean;
  readonly row: FlagRow | undefined;
}

export interface FlagRow {
  readonly execs: readonly string[];
  /** Groups of spellings of the same flag; the long name last. */
  readonly same: readonly (readonly string[])[];
  /** Letters whose value may be attached: the rest of the word is no flag. */
  readonly valued?: string;
}

/** Short and long spellings of the flags that rules are written about. */
const ROWS: readonly FlagRow[] = [
  {
    execs: ["rm"],
    same: [
      ["r", "R", "recursive"],
      ["f", "force"],
      ["i", "interactive"],
      ["v", "verbose"],
      ["d", "dir"],
      ["no-preserve-root"],
    ],
  },
  {
    execs: ["chmod", "chown", "chgrp", "chattr", "setfacl", "chcon", "restorecon"],
    same: [["R", "recursive"], ["f", "silent", "quiet"], ["v", "verbose"], ["reference"]],
    valued: "",
  },
  {
    execs: ["cp", "mv", "install", "ln"],
    same: [
      ["r", "R", "recursive"],
      ["f", "force"],
      ["a", "archive"],
      ["s", "symbolic", "symbolic-link"],
      ["t", "target-directory"],
      ["m", "mode"],
    ],
    valued: "tSmog",
  },
  {
    execs: ["grep", "egrep", "fgrep", "zgrep"],
    same: [
      ["r", "R", "recursive", "dereference-recursive"],
      ["i", "ignore-case"],
      ["E", "extended-regexp"],
      ["f", "file"],
      ["e", "regexp"],
    ],
    valued: "efABCmdD",
  },
  {
    execs: ["tar", "bsdtar"],
    same: [
      ["x", "extract", "get"],
      ["c", "create"],
      ["f", "file"],
      ["C", "directory"],
      ["z", "gzip"],
      ["P", "absolute-names"],
    ],
    valued: "fCTXIbgKLNVH",
  },
  {
    execs: ["curl"],
    same: [
      ["o", "output"],
      ["O", "remote-name"],
      ["k", "insecure"],
      ["s", "silent"],
      ["L", "location"],
      ["d", "data"],
      ["F", "form"],
      ["T", "upload-file"],
      ["X", "request"],
      ["x", "proxy"],
      ["u", "user"],
    ],
    valued: "AbcCdDeEFhHKmoPQrtTuUwxXyYz",
  },
  {
    execs: ["wget"],
    same: [
      ["O", "output-document"],
      ["q", "quiet"],
      ["r", "recursive"],
      ["i", "input-file"],
      ["P", "directory-prefix"],
      ["post-file"],
      ["no-check-certificate"],
    ],
    valued: "OoaeBtTwQPUlARDIX",
  },
  {
    execs: ["nc", "ncat", "netcat", "nc.traditional", "nc.openbsd"],
    same: [
      ["e", "exec"],
      ["c", "sh-exec"],
      ["l", "listen"],
      ["p", "source-port"],
      ["u", "udp"],
      ["k", "keep-open"],
    ],
    valued: "ecpswgGxXioqTVI",
  },
  {
    execs: ["iptables", "ip6tables", "iptables-nft", "iptables-legacy"],
    same: [
      ["F", "flush"],
      ["X", "delete-chain"],
      ["D", "delete"],
      ["P", "policy"],
      ["t", "table"],
      ["A", "append"],
      ["I", "insert"],
      ["Z", "zero"],
    ],
    valued: "tADIRPNEjpsdimgc",
  },
  {
    execs: ["useradd", "adduser", "usermod"],
    same: [
      ["G", "groups"],
      ["a", "append"],
      ["u", "uid"],
      ["o", "non-unique"],
      ["g", "gid"],
      ["s", "shell"],
      ["p", "password"],
      ["L", "lock"],
      ["U", "unlock"],
      ["ingroup"],
    ],
    valued: "cdefgGKkpsuZ",
  },
  {
    execs: ["passwd"],
    same: [
      ["d", "delete"],
      ["l", "lock"],
      ["u", "unlock"],
      ["e", "expire"],
      ["S", "status"],
    ],
  },
  {
    execs: ["crontab"],
    same: [
      ["e", "edit"],
      ["r", "remove"],
      ["l", "list"],
      ["u", "user"],
    ],
    valued: "u",
  },
  {
    execs: ["git"],
    same: [["f", "force"], ["C"], ["c"], ["force-with-lease"], ["hard"], ["delete", "d", "D"]],
    valued: "Cc",
  },
  {
    execs: ["docker", "podman", "nerdctl"],
    same: [
      ["v", "volume"],
      ["u", "user"],
      ["privileged"],
      ["pid"],
      ["net", "network"],
      ["f", "force"],
    ],
    valued: "veuwplmh",
  },
  {
    execs: ["rsync"],
    same: [["r", "recursive"], ["a", "archive"], ["e", "rsh"], ["delete"], ["n", "dry-run"]],
    valued: "efBMT@",
  },
  {
    execs: ["mysql", "mariadb"],
    same: [
      ["e", "execute"],
      ["u", "user"],
      ["h", "host"],
      ["D", "database"],
      ["p", "password"],
    ],
    valued: "eDhPpSu",
  },
  {
    execs: ["psql"],
    same: [
      ["c", "command"],
      ["f", "file"],
      ["U", "username"],
      ["h", "host"],
      ["d", "dbname"],
    ],
    valued: "cdfFhLoPpRTUv",
  },
  {
    execs: ["shutdown", "halt", "poweroff", "reboot"],
    same: [
      ["h", "halt"],
      ["r", "reboot"],
      ["P", "poweroff"],
      ["c"],
      ["f", "force"],
      ["w", "wtmp-only"],
    ],
  },
  {
    execs: ["sed"],
    same: [
      ["i", "in-place"],
      ["n", "quiet", "silent"],
      ["e", "expression"],
      ["f", "file"],
    ],
    valued: "efl",
  },
  {
    execs: ["history"],
    same: [["c"], ["d"], ["w"], ["a"], ["r"], ["n"]],
  },
  {
    execs: ["tee"],
    same: [
      ["a", "append"],
      ["i", "ignore-interrupts"],
    ],
  },
];

/** For tools without a row: what these names mean nearly everywhere. */
const GENERIC: readonly (readonly string[])[] = [
  ["r", "R", "recursive"],
  ["f", "force"],
  ["v", "verbose"],
  ["q", "quiet"],
  ["a", "all"],
  ["n", "dry-run"],
  ["o", "output"],
  ["y", "yes", "assume-yes"],
  ["h", "help"],
];

const BY_EXEC = new Map(ROWS.flatMap((row) => row.execs.map((exec) => [exec, row] as const)));

export function readFlagWords(exec: string | null, args: readonly (string | null)[]): FlagWords {
  const row = exec === null ? undefined : BY_EXEC.get(exec);
  const letters = new Set<string>();
  const names: string[] = [];
  const words: string[] = [];
  let unknown = false;
  for (const arg of args) {
    if (arg === null) {
      unknown = true;
      continue;
    }
    if (arg === "--") break;
    if (arg.length < 2 || !arg.startsWith("-")) continue;
    if (arg.startsWith("--")) {
      const equals = arg.indexOf("=");
      names.push(equals < 0 ? arg.slice(2) : arg.slice(2, equals));
      continue;
    }
    words.push(arg.slice(1));
    for (const letter of arg.slice(1)) {
      letters.add(letter);
      if (row?.valued?.includes(letter) === true) break;
    }
  }
  return { letters, names, words, unknown, row };
}

/**
 * Whether a flag is set, by any of its spellings: short, long, clustered, and the abbreviations of
 * long names that GNU getopt accepts.
 */
export function hasFlag(words: FlagWords, flag: string): boolean {
  const groups = words.row?.same ?? GENERIC;
  const spellings = groups.find((group) => group.includes(flag)) ?? [flag];
  return spellings.some((spelling) => {
    if (spelling.length === 1) return words.letters.has(spelling);
    if (words.words.includes(spelling)) return true;
    return words.names.some((name) => name === spelling || abbreviates(name, spelling, words.row));
  });
}

/** `--recurs` is `--recursive`; for tools without a row short abbreviations say nothing. */
function abbreviates(name: string, spelling: string, row: FlagRow | undefined): boolean {
  return spelling.startsWith(name) && name.length >= (row === undefined ? ABBREVIATION_MIN : 1);
}

const ABBREVIATION_MIN = 4;
