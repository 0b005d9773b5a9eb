/**
 * Programs that start other programs, as data: how their own options end and what the command looks
 * like. The option letters are those of the tools' manuals; a letter that is not listed takes no value.
 */
export interface WrapperRow {
  readonly names: readonly string[];
  /**
   * `argv`: the rest of the words is the command. `text`: the rest, joined, is shell text.
   * `option`: only an option named in `text` carries a command.
   */
  readonly form: "argv" | "text" | "option";
  /** Leading words that select this row: `exec` of `docker exec`. */
  readonly subcommand?: readonly string[];
  /** Letters of options that take a value, attached or as the next word. */
  readonly valued?: string;
  /** Long options that take their value as the next word (`--name=value` is always understood). */
  readonly valuedLong?: readonly string[];
  /** Operands of the wrapper's own before the command (`timeout 5 rm`, `chroot DIR rm`). */
  readonly operands?: number;
  /** `NAME=value` words before the command. */
  readonly assignments?: boolean;
  /** Options (letter or long name) that name the account. */
  readonly runas?: readonly string[];
  /** The account when no option names one. */
  readonly runasDefault?: string;
  /** Which operand of the wrapper names the account. */
  readonly runasOperand?: number;
  /** Options whose value is shell text. */
  readonly text?: readonly string[];
  /** Options that mean: no command is started. */
  readonly inert?: readonly string[];
  /** Options may follow operands (`su root -c cmd`). */
  readonly permuted?: boolean;
  /** A word that ends the wrapper's own words, whatever stands before it (`kubectl exec ... -- cmd`). */
  readonly separator?: string;
}

const FAMILY = {
  docker: ["docker", "podman", "nerdctl"],
  ssh: ["ssh", "autossh", "slogin"],
};

export const WRAPPER_ROWS: readonly WrapperRow[] = [
  {
    names: ["sudo", "sudo-rs"],
    form: "argv",
    valued: "ugphCrtTUDRa",
    valuedLong: [
      "user",
      "group",
      "prompt",
      "host",
      "close-from",
      "role",
      "type",
      "command-timeout",
      "other-user",
      "chdir",
      "chroot",
    ],
    assignments: true,
    runas: ["u", "user"],
    runasDefault: "root",
    inert: ["l", "v", "V", "e", "K", "list", "validate", "version", "edit", "remove-timestamp"],
  },
  { names: ["doas"], form: "argv", valued: "uCa", runas: ["u"], runasDefault: "root" },
  {
    names: ["pkexec"],
    form: "argv",
    valuedLong: ["user"],
    runas: ["user"],
    runasDefault: "root",
  },
  {
    names: ["su"],
    form: "option",
    valued: "cgGswTC",
    valuedLong: ["command", "session-command", "group", "supp-group", "shell"],
    text: ["c", "command", "session-command"],
    runasDefault: "root",
    runasOperand: 0,
    permuted: true,
  },
  {
    names: ["runuser"],
    form: "argv",
    valued: "ucgGsw",
    valuedLong: ["user", "command", "session-command", "group", "supp-group", "shell"],
    text: ["c", "command", "session-command"],
    runas: ["u", "user"],
    runasDefault: "root",
    runasOperand: 0,
  },
  { names: ["gosu", "su-exec", "setuidgid", "chpst"], form: "argv", operands: 1, runasOperand: 0 },
  { names: ["setpriv"], form: "argv", valuedLong: ["reuid", "regid", "groups"], runas: ["reuid"] },
  { names: ["sg"], form: "text", operands: 1, text: ["c"] },
  {
    names: ["env"],
    form: "argv",
    valued: "uCS",
    valuedLong: ["unset", "chdir", "split-string"],
    assignments: true,
    text: ["S", "split-string"],
  },
  { names: ["nohup", "setsid", "builtin", "fakeroot", "unbuffer", "rlwrap"], form: "argv" },
  { names: ["torsocks", "torify", "proxychains", "proxychains4"], form: "argv" },
  { names: ["busybox", "toybox", "catchsegv", "dumb-init", "tini"], form: "argv" },
  { names: ["command"], form: "argv", inert: ["v", "V"] },
  { names: ["exec"], form: "argv", valued: "a" },
  { names: ["nice"], form: "argv", valued: "n", valuedLong: ["adjustment"] },
  {
    names: ["ionice"],
    form: "argv",
    valued: "cnpPu",
    valuedLong: ["class", "classdata"],
    inert: ["p", "P", "u"],
  },
  {
    names: ["timeout"],
    form: "argv",
    valued: "ks",
    valuedLong: ["kill-after", "signal"],
    operands: 1,
  },
  { names: ["time"], form: "argv", valued: "fo", valuedLong: ["format", "output"] },
  { names: ["stdbuf"], form: "argv", valued: "ioe", valuedLong: ["input", "output", "error"] },
  {
    names: ["flock"],
    form: "argv",
    valued: "wEc",
    valuedLong: ["wait", "timeout", "conflict-exit-code", "command"],
    operands: 1,
    text: ["c", "command"],
  },
  { names: ["taskset"], form: "argv", operands: 1, inert: ["p", "pid"] },
  { names: ["chrt"], form: "argv", valued: "TPD", operands: 1, inert: ["p", "pid", "m"] },
  { names: ["prlimit"], form: "argv", valued: "p", inert: ["p", "pid"] },
  {
    names: ["strace", "ltrace"],
    form: "argv",
    valued: "eopsSuOPaIbXEADlnwxF",
    valuedLong: ["output", "trace", "string-limit", "user", "env", "attach"],
    runas: ["u", "user"],
    inert: ["p", "attach"],
  },
  {
    names: ["unshare"],
    form: "argv",
    valued: "SGRw",
    valuedLong: ["setuid", "setgid", "root", "wd", "propagation", "setgroups", "map-user"],
  },
  { names: ["nsenter"], form: "argv", valued: "tSG", valuedLong: ["target", "setuid", "setgid"] },
  { names: ["chroot"], form: "argv", operands: 1 },
  { names: ["proot"], form: "argv", valued: "rbwqk" },
  { names: ["setarch", "linux64", "linux32", "i386", "x86_64"], form: "argv" },
  { names: ["cpulimit"], form: "argv", valued: "lpPe", valuedLong: ["limit"] },
  { names: ["numactl"], form: "argv", valued: "NmCpi", valuedLong: ["cpunodebind", "membind"] },
  { names: ["valgrind", "firejail", "bwrap"], form: "argv" },
  { names: ["faketime"], form: "argv", valued: "f", operands: 1 },
  { names: ["sshpass"], form: "argv", valued: "fdpPv" },
  { names: ["xvfb-run"], form: "argv", valued: "enfspw" },
  {
    names: ["ld.so", "ld-linux.so.2", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"],
    form: "argv",
  },
  { names: ["ld-musl-x86_64.so.1"], form: "argv" },
  { names: ["ssh-agent"], form: "argv", valued: "aEPt" },
  { names: ["perf"], form: "argv", subcommand: ["stat"], valued: "eIr" },
  { names: ["perf"], form: "argv", subcommand: ["record"], valued: "eFco" },
  { names: ["ip"], form: "argv", subcommand: ["netns", "exec"], operands: 1 },
  {
    names: ["systemd-run"],
    form: "argv",
    valued: "pMHuE",
    valuedLong: [
      "property",
      "unit",
      "uid",
      "gid",
      "nice",
      "slice",
      "description",
      "working-directory",
      "setenv",
      "machine",
      "host",
      "on-active",
      "on-boot",
      "on-calendar",
      "timer-property",
    ],
    runas: ["uid"],
  },
  { names: ["systemd-inhibit"], form: "argv", valuedLong: ["what", "who", "why", "mode"] },
  {
    names: ["start-stop-daemon"],
    form: "option",
    text: ["x", "exec", "startas", "a"],
    valued: "xanupdrNI",
  },
  { names: ["eval"], form: "text" },
  {
    names: ["watch"],
    form: "text",
    valued: "nqs",
    valuedLong: ["interval", "equexit", "shotsdir"],
  },
  {
    names: FAMILY.ssh,
    form: "text",
    valued: "bBcDEeFIiJLlmOopPQRSWw",
    operands: 1,
  },
  { names: ["rsh", "remsh"], form: "text", valued: "l", operands: 1 },
  { names: ["vagrant"], form: "option", subcommand: ["ssh"], valued: "c", text: ["c", "command"] },
  {
    names: ["script"],
    form: "option",
    valued: "cEIOBTmot",
    valuedLong: ["command", "log-in", "log-out", "log-io", "log-timing", "output-limit"],
    text: ["c", "command"],
    permuted: true,
  },
  { names: ["tmux"], form: "text", subcommand: ["new-session"], valued: "censtFxy" },
  { names: ["tmux"], form: "text", subcommand: ["new"], valued: "censtFxy" },
  { names: ["tmux"], form: "text", subcommand: ["new-window"], valued: "censtF" },
  { names: ["tmux"], form: "text", subcommand: ["neww"], valued: "censtF" },
  { names: ["tmux"], form: "text", subcommand: ["run-shell"], valued: "td" },
  { names: ["tmux"], form: "text", subcommand: ["send-keys"], valued: "tN" },
  { names: ["screen"], form: "argv", valued: "ceShptTX", inert: ["r", "x", "X", "ls", "list"] },
  {
    names: FAMILY.docker,
    form: "argv",
    subcommand: ["exec"],
    valued: "uew",
    valuedLong: ["user", "env", "env-file", "workdir", "detach-keys"],
    operands: 1,
  },
  {
    names: FAMILY.docker,
    form: "argv",
    subcommand: ["run"],
    valued: "uewvplmach",
    valuedLong: [
      "user",
      "env",
      "env-file",
      "workdir",
      "volume",
      "publish",
      "name",
      "network",
      "net",
      "mount",
      "label",
      "memory",
      "cpus",
      "entrypoint",
      "hostname",
      "add-host",
      "cap-add",
      "cap-drop",
      "device",
      "security-opt",
      "restart",
      "platform",
      "pid",
      "ipc",
      "tmpfs",
      "ulimit",
      "dns",
      "gpus",
      "log-driver",
      "log-opt",
    ],
    operands: 1,
  },
  {
    names: ["docker", "podman"],
    form: "argv",
    subcommand: ["compose", "exec"],
    valued: "uew",
    valuedLong: ["user", "env", "workdir", "index"],
    operands: 1,
  },
  {
    names: ["docker-compose", "podman-compose"],
    form: "argv",
    subcommand: ["exec"],
    valued: "uew",
    valuedLong: ["user", "env", "workdir", "index"],
    operands: 1,
  },
  {
    names: ["kubectl", "oc", "k3s", "lxc", "incus"],
    form: "argv",
    subcommand: ["exec"],
    valued: "cnf",
    valuedLong: ["container", "namespace", "filename", "context", "kubeconfig", "user", "env"],
    operands: 1,
    separator: "--",
  },
  { names: ["crictl"], form: "argv", subcommand: ["exec"], valued: "r", operands: 1 },
  { names: ["ctr"], form: "argv", subcommand: ["task", "exec"], operands: 1 },
  { names: ["machinectl"], form: "argv", subcommand: ["shell"], operands: 1 },
  { names: ["capsh"], form: "option", valued: "c", text: ["c"], permuted: true },
  { names: ["poetry", "pipenv", "bundle", "direnv", "mise"], form: "argv", subcommand: ["run"] },
  { names: ["bundle"], form: "argv", subcommand: ["exec"] },
  {
    names: ["ansible"],
    form: "option",
    valued: "mauiefM",
    text: ["a", "args"],
    valuedLong: ["args"],
    permuted: true,
  },
];

/** Interpreters of shell text: `-c TEXT`, a script operand, or their standard input. */
export const SHELLS: ReadonlySet<string> = new Set([
  "sh",
  "bash",
  "dash",
  "zsh",
  "ksh",
  "mksh",
  "ksh93",
  "ash",
  "rbash",
  "rzsh",
  "csh",
  "tcsh",
  "fish",
]);

/** Programs that run shell text from their standard input later. */
export const DEFERRED: ReadonlySet<string> = new Set(["at", "batch"]);

const BY_NAME = new Map<string, readonly WrapperRow[]>();
for (const row of WRAPPER_ROWS) {
  for (const name of row.names) BY_NAME.set(name, [...(BY_NAME.get(name) ?? []), row]);
}

export function wrapperRows(name: string): readonly WrapperRow[] | undefined {
  return BY_NAME.get(name);
}
