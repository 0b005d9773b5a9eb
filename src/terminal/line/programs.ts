/** What is known about programs by their names: who reads the terminal, who can change its rules. */

/** They show a prompt of shell commands. */
const SHELLS: ReadonlySet<string> = new Set(
  (
    "bash sh dash ash zsh ksh mksh fish rbash csh tcsh su sudo ssh login newgrp sg chroot unshare " +
    "nsenter docker podman kubectl lxc machinectl systemd-run script screen tmux runuser doas exec env"
  ).split(" "),
);

/** They read lines or keys themselves, and not as shell commands. */
const READERS: ReadonlySet<string> = new Set(
  (
    "vi vim nvim view vimdiff nano pico emacs ed ex joe mcedit less more most man info top htop btop " +
    "iotop atop watch mc tig ncdu python python2 python3 ipython node irb ruby perl php lua tclsh " +
    "deno bun bpython ipython3 julia mycli pgcli gdb lldb sqlite sqlite3 psql mysql mariadb mongosh mongo redis-cli sqlplus bc dc ftp sftp lftp telnet " +
    "nc ncat socat gnuplot octave R ghci scala jshell erl iex visudo crontab dialog whiptail fzf " +
    "alsamixer cfdisk fdisk parted gdisk passwd"
  ).split(" "),
);

/** They can change what Ctrl-C does, or run what does. */
const REBINDERS: ReadonlySet<string> = new Set(
  "stty bind trap eval source . exec reset tset script expect enable builtin set".split(" "),
);

/** Programs that leave the terminal's modes alone. Any other one may not. */
const HARMLESS: ReadonlySet<string> = new Set(
  (
    "alias basename bg cat cd chgrp chmod chown clear cmp command comm cp curl cut date declare df " +
    "diff dig dirname dirs disown dmesg dpkg du echo egrep env exit export expr false fc fg fgrep " +
    "file find free getent git grep groups gunzip gzip hash head help hexdump history host hostname " +
    "id ip jobs journalctl jq kill killall last let ln local logger logout ls lsblk lscpu lsof make " +
    "md5sum mkdir mktemp mount mv netstat nice nohup od paste pgrep ping pkill popd printenv printf " +
    "ps pushd pwd read readlink realpath return rm rmdir rsync scp sed seq service sha1sum sha256sum " +
    "shopt shuf sleep sort ss stat strings sudo sync systemctl tac tail tar tee test time timeout " +
    "touch tr traceroute true truncate type typeset ulimit umask umount unalias uname uniq unset " +
    "unxz unzip uptime users wait wc wget which who whoami whereis xargs xxd xz yes zcat zip awk gawk " +
    "mawk apt apt-get apt-cache yum dnf rpm docker kubectl crontab [ [[ : nproc tty arch lsmod df " +
    "base64 nl fold fmt column join split expand unexpand rev numfmt factor install dd"
  ).split(" "),
);

/** They own the whole screen: what is typed there is text and keys, and no line. */
const FULL_SCREEN: ReadonlySet<string> = new Set(
  (
    "vi vim nvim view vimdiff nano pico emacs joe mcedit less more most man info top htop btop iotop " +
    "atop mc tig ncdu visudo crontab alsamixer cfdisk vi.tiny vim.tiny vim.basic journalctl systemctl " +
    "git bat watch dialog whiptail fzf"
  ).split(" "),
);
/** Shells run in them, behind a key of theirs. */
const MULTIPLEXERS: ReadonlySet<string> = new Set(["tmux", "screen", "byobu"]);

export function ownsScreen(program: string): boolean {
  return FULL_SCREEN.has(program);
}

export function isMultiplexer(program: string): boolean {
  return MULTIPLEXERS.has(program);
}

export function isShell(program: string): boolean {
  return SHELLS.has(program);
}

export function isReader(program: string): boolean {
  return READERS.has(program);
}

/** A name that people know as a program's. */
export function isKnownProgram(program: string): boolean {
  return (
    HARMLESS.has(program) ||
    READERS.has(program) ||
    SHELLS.has(program) ||
    REBINDERS.has(program) ||
    FISH_WORDS.has(program)
  );
}

/** Programs that run what they are given, and can pass keys on as other ones. */
const RELAYS: ReadonlySet<string> = new Set(
  (
    "python python2 python3 ipython ipython3 bpython node irb ruby perl php lua tclsh deno bun julia " +
    "gdb lldb octave R ghci scala jshell erl iex telnet nc ncat socat"
  ).split(" "),
);

const FISH_WORDS: ReadonlySet<string> = new Set(
  "rm begin end else and or not if while for switch case function break continue return".split(" "),
);

/**
 * `possible`: it may have changed the modes of the terminal. `plays`: it may also stand between the
 * person and the shell for as long as it likes, and show what it wants.
 */
export type TerminalInfluence = "none" | "possible" | "plays" | "rebinds";

/** What a program may have done to the interrupt key by the time it ends. */
export function influenceOf(program: string): TerminalInfluence {
  if (program === "bind" || program === "set") return program === "bind" ? "rebinds" : "none";
  if (REBINDERS.has(program))
    return program === "stty" || program === "trap" ? "possible" : "rebinds";
  if (HARMLESS.has(program)) return "none";
  return isKnownProgram(program) && !RELAYS.has(program) ? "possible" : "plays";
}
