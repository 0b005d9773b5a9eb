import { programName } from "./prompting.js";

/**
 * Commands that people type all day. A line that begins with one of them is no second try of a password;
 * that a password begins with one of these words, and a blank behind it, is not impossible but very rare.
 */
const COMMON: ReadonlySet<string> = new Set(
  (
    "apt apt-get arp attrib awk bash bg cal cat cd chmod chown clear cls cmd copy cp crontab curl cut " +
    "date dd del df diff dig dir dmesg dnf docker du echo env exit export fc fdisk fg find findstr " +
    "free ftype fsutil get-childitem get-content get-eventlog get-help get-item get-process " +
    "get-service get-wmiobject gpresult gpupdate grep groups gzip head help history hostname htop id " +
    "ifconfig ip ipconfig iptables jobs journalctl kill killall kubectl less ln logout ls lsblk lsof " +
    "make man md mkdir more mount move mv nano net netsh netstat nmap nslookup passwd ping pip " +
    "popd powershell ps pushd pwd python python3 quit rd reboot reg regedit ren restart-service rm " +
    "rmdir robocopy route sc schtasks scp sed service set set-location shutdown sleep sort ss ssh " +
    "start start-service stat stop-process stop-service su sudo systemctl systeminfo tail tar " +
    "tasklist taskkill tee telnet time top touch tracert traceroute tree type ulimit umask umount " +
    "uname uniq unzip uptime users ver vi vim vol w watch wc wget where which who whoami write-host " +
    "xargs xcopy yum zip"
  ).split(" "),
);

export function isEvidentCommand(text: string): boolean {
  const [first = "", ...rest] = text.trim().split(/\s+/);
  return COMMON.has(programName(first)) || (/^[a-z]+-[a-z]+$/i.test(first) && rest.length > 0);
}

/** Characters from which on one word of mixed kinds is more probably a password than a program. */
const PASSWORD_CHARS_MIN = 6;
const PASSWORD_CHARS_MAX = 128;

/**
 * One word of three kinds of characters (`Summer2026!`), as password rules ask for, and neither a path,
 * a program with its ending, a cmdlet nor an assignment.
 */
export function looksLikePassword(text: string): boolean {
  const { length } = text;
  if (length < PASSWORD_CHARS_MIN || length > PASSWORD_CHARS_MAX) return false;
  if (/[\s/\\:;|<>()]/.test(text) || /\.[a-z0-9]{2,4}$/i.test(text)) return false;
  if (/^[A-Za-z]+-[A-Za-z]+$/.test(text) || /^[\w.-]+@[\w-]+(\.[\w-]+)+$/.test(text)) return false;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) =>
    kind.test(text),
  );
  return kinds.length >= 3;
}
