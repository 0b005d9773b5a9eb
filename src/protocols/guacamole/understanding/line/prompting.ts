/** How many of the lines that follow may be answers to a question for a password. */
export interface AnswersAwaited {
  /** They are hidden whatever they look like. */
  readonly certain: number;
  /** So many more are hidden unless they evidently are commands (a password was refused, and asked again). */
  readonly possible: number;
}

/**
 * What a line that was entered asks for, as far as its words tell. Errs on the side of asking: a command
 * that goes untold is a smaller loss than a password that is told.
 * `extra`: names of further programs, lower case.
 */
export function answersAfter(line: string, extra: readonly string[] = []): AnswersAwaited {
  let most = NONE;
  for (const command of commandsOf(line)) {
    const found = answersOf(command, extra);
    if (found.certain + found.possible > most.certain + most.possible) most = found;
  }
  return most;
}

const NONE: AnswersAwaited = { certain: 0, possible: 0 };
const ONCE: AnswersAwaited = { certain: 1, possible: 0 };
const THRICE: AnswersAwaited = { certain: 1, possible: 2 };
const NEW_PASSWORD: AnswersAwaited = { certain: 2, possible: 1 };
const AGAIN: AnswersAwaited = { certain: 1, possible: 1 };

/** Programs that ask, or may ask, whatever their arguments are. */
const ASKING: ReadonlyMap<string, AnswersAwaited> = new Map([
  ...words("sudo doas ssh slogin scp sftp sshfs ssh-copy-id rsync", THRICE),
  ...words("su runas pkexec login psexec psexec64 psexec.exe plink pscp psftp winrs", ONCE),
  ...words("telnet ftp lftp rlogin vncviewer xfreerdp rdesktop smbclient rpcclient", ONCE),
  ...words(
    "kinit gpg gpg2 gpgsm openssl keytool cryptsetup veracrypt ecryptfs-mount-private",
    ONCE,
  ),
  ...words(
    "ssh-keygen ssh-add htpasswd mkpasswd smbpasswd vncpasswd ldappasswd kpasswd",
    NEW_PASSWORD,
  ),
  ...words(
    "passwd chage sqlplus psql mongo mongosh isql impacket-psexec evil-winrm pass",
    NEW_PASSWORD,
  ),
  ...words("get-credential enter-pssession new-pssession connect-vipserver connect-viserver", ONCE),
  ...words("connect-pssession new-psdrive su-exec ansible-vault vault bw op keepassxc-cli", ONCE),
]);

/** Programs that ask when one of their words says so. */
const ASKING_WITH: readonly (readonly [programs: string, word: RegExp, answers: AnswersAwaited])[] =
  [
    ["mysql mysqldump mysqladmin mariadb mariadb-dump", /^(-p|--password)$/, ONCE],
    ["net net1", /^(\*|\\\\.+|\/user:.*)$/i, AGAIN],
    ["cmdkey", /^\/(user|u|add|generic|smartcard)(:.*)?$/i, ONCE],
    ["schtasks", /^(\*|\/(rp|p|u)(:.*)?)$/i, ONCE],
    ["sqlcmd bcp osql", /^-u/i, ONCE],
    ["ldapsearch ldapmodify ldapadd ldapdelete", /^-[a-z]*W/, ONCE],
    ["redis-cli", /^--askpass$/, ONCE],
    ["git", /^(push|pull|fetch|clone|ls-remote|submodule)$/, AGAIN],
    ["docker podman nerdctl helm oras npm", /^(login|adduser)$/, ONCE],
    ["az aws gcloud oc kubectl heroku vault", /^(login|configure|auth)$/, ONCE],
    ["zip 7z 7za rar unzip", /^(-e|--encrypt|-p|-hp)$/, NEW_PASSWORD],
    ["ansible ansible-playbook", /^(-k|-K|--ask-.*)$/, ONCE],
    ["certutil", /^[-/](exportpfx|importpfx|mergepfx|dump)$/i, ONCE],
    ["manage-bde", /^-(unlock|protectors|on|pw|password|recoverypassword)$/i, NEW_PASSWORD],
    ["dsadd dsmod dsquery wmic", /^(\*|\/(user|password)(:.*)?|-pwd|-p)$/i, ONCE],
    ["mount", /cifs|smb/i, ONCE],
    ["read-host", /^-as(s(e(c.*)?)?)?$/i, ONCE],
    ["read", /^-[a-z]*s/, ONCE],
    [
      "systemctl loginctl hostnamectl timedatectl",
      /^(start|stop|restart|enable|disable|set-.*)$/,
      ONCE,
    ],
  ];

/** Behind them, and behind options and numbers, stands the program itself. */
const WRAPPERS: ReadonlySet<string> = new Set(
  (
    "sudo doas env nohup time timeout nice ionice setsid exec command builtin then do if while ! " +
    "cmd start call powershell pwsh wsl bash sh invoke-expression iex measure-command script unbuffer"
  ).split(" "),
);

/** `-Credential alice` of any cmdlet opens the question for a password. */
const CREDENTIAL_WORD = /^-cred(e(n(t(i(a(l)?)?)?)?)?)?(:.*)?$/i;

function answersOf(command: readonly string[], extra: readonly string[]): AnswersAwaited {
  let most = NONE;
  let mayStart = true;
  for (const [index, word] of command.entries()) {
    if (CREDENTIAL_WORD.test(word) && total(most) === 0) most = ONCE;
    if (!mayStart) continue;
    const name = programName(word);
    mayStart = WRAPPERS.has(name) || /^[-/]|=|^\d/.test(word);
    const found =
      ASKING.get(name) ??
      (extra.includes(name) ? ONCE : undefined) ??
      withWords(name, command, index);
    if (found !== undefined && total(found) > total(most)) most = found;
  }
  return most;
}

function withWords(
  name: string,
  command: readonly string[],
  index: number,
): AnswersAwaited | undefined {
  for (const [programs, word, answers] of ASKING_WITH)
    if (
      programs.split(" ").includes(name) &&
      command.slice(index + 1).some((one) => word.test(one))
    )
      return answers;
  return undefined;
}

const total = ({ certain, possible }: AnswersAwaited): number => certain + possible;

/** Words a line may have for this table to be asked; the tables are asked for each of them. */
const WORDS_MAX = 256;
const LINE_CHARS_MAX = 16 * 1024;

function commandsOf(line: string): readonly (readonly string[])[] {
  return line
    .slice(0, LINE_CHARS_MAX)
    .split(/[;&|\n\r(){}`]+/)
    .map((part) =>
      part
        .split(/\s+/)
        .map((word) => word.replace(/["'^]/g, ""))
        .filter((word) => word !== "")
        .slice(0, WORDS_MAX),
    )
    .filter((words) => words.length > 0);
}

/** `C:\Windows\System32\runas.exe` and `/usr/bin/sudo` by their last part. */
export function programName(word: string): string {
  const last = word.split(/[\\/]/).at(-1) ?? "";
  return last.toLowerCase().replace(/\.(exe|com|cmd|bat)$/, "");
}

function words(
  names: string,
  answers: AnswersAwaited,
): readonly (readonly [string, AnswersAwaited])[] {
  return names.split(" ").map((name) => [name, answers] as const);
}
