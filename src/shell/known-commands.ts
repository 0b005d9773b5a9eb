import { compileGlob, matchesSteps } from "./words/glob.js";

/**
 * Names found in /bin, /sbin, /usr/bin and /usr/sbin of an ordinary server. A glob in command position
 * (`/bin/r?`) is resolved against them, because the directory decides and we can not see it.
 */
const NAMES =
  "apt apt-get at awk base64 bash blkdiscard busybox cat chattr chgrp chmod chown chpasswd chroot " +
  "cp crontab csh curl cut dash dd deluser dnf docker doas dpkg ed env expect fdisk find ftp gawk gdb " +
  "getent git gpasswd groupadd gzip halt head iconv id init insmod install ip iptables ip6tables ash " +
  "journalctl kill killall ksh kubectl last ldconfig less link ln logger ls lsof lua lvremove mkfifo " +
  "mkfs mkfs.ext4 mkfs.xfs mknod modprobe mongo more mount mv mysql mysqldump nano nawk nc ncat " +
  "netcat netstat nft nice nmap node nohup nsenter openssl parted passwd perl pgrep php pip pkexec " +
  "pkill podman poweroff printenv printf ps psql python python2 python3 rbash reboot redis-cli rev rm " +
  "rmdir rmmod rpm rsync ruby runuser scp screen script sed service setenforce setfacl sftp sgdisk sh " +
  "shred shutdown sort socat sqlite3 ss ssh ssh-keygen strace su sudo sysctl systemctl tac tail tar " +
  "tcpdump tcsh tee telinit telnet timeout tmux touch tr truncate ufw umount uname unlink unshare " +
  "useradd userdel usermod vi vim visudo w watch wc wget who whoami wipefs xargs xxd yum zip zsh";

const COMMON_COMMANDS: readonly string[] = NAMES.split(" ");

const COMMON: ReadonlySet<string> = new Set(COMMON_COMMANDS);

export function isCommonCommand(name: string): boolean {
  return COMMON.has(name);
}

/** Candidates kept for one glob: a pattern like `/bin/*` says nothing about what runs. */
const CANDIDATES_MAX = 24;

/** Known commands that a pattern may match; empty when it matches too many to say anything. */
export function commandsMatching(pattern: string): readonly string[] {
  const name = pattern.slice(pattern.lastIndexOf("/") + 1);
  if (!/[^*?[\]]/.test(name) && name.includes("*")) return [];
  const steps = compileGlob(name);
  const found = COMMON_COMMANDS.filter((command) => matchesSteps(steps, command));
  return found.length > CANDIDATES_MAX ? [] : found;
}
