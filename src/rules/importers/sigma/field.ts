import type { SigmaValue } from "./value.js";

/** A condition of the rule language as plain data, to be written as YAML. */
export type MatchData =
  | { readonly command: Readonly<Record<string, unknown>> }
  | { readonly all: readonly MatchData[] }
  | { readonly any: readonly MatchData[] }
  | { readonly not: MatchData };

export type FieldReading =
  { readonly ok: true; readonly match: MatchData } | { readonly ok: false; readonly why: string };

export type LogSource = "process" | "audit" | "file" | "keywords";

/** Folders of programs: a name typed without a folder is found in one of these. */
const PROGRAM_FOLDERS = /^\/(?:usr\/(?:local\/)?)?s?bin\/$/;
const POSITION = /^a(\d{1,2})$/;

/** One field with one value: what it asks of a command here, or why nothing here says the same. */
export function readField(field: string, value: SigmaValue, source: LogSource): FieldReading {
  if (source === "audit") return readAudit(field, value);
  if (source === "file") return readFileField(field, value);
  switch (field) {
    case "CommandLine":
      return command({ normalized: { any: patternOf(value) } });
    case "Image":
    case "OriginalFileName":
      return readImage(value);
    case "CurrentDirectory":
      return command({ cwd: patternOf(value) });
    case "User":
      return command({ account: patternOf(value) });
    case "ParentImage":
      return readParent(value);
    case "LogonId":
      return refuse("programs that no login has started");
    default:
      return refuse(`field "${field}"`);
  }
}

/** Keywords look at the whole text that a log line would hold. */
export function readKeyword(value: SigmaValue, source: LogSource): FieldReading {
  const anywhere = value.kind === "equals" ? { ...value, kind: "contains" as const } : value;
  const pattern = patternOf(anywhere);
  if (source === "keywords") return command({ raw: { any: pattern } });
  return command({ normalized: { any: pattern } });
}

/** Whether a field is there at all: of a command all of these are. */
export function readExists(field: string, wanted: boolean, source: LogSource): FieldReading {
  const always = ["CommandLine", "Image", "CurrentDirectory", "User", "exe", "comm", "a0"];
  const position = POSITION.exec(field)?.[1];
  const there: MatchData | null =
    position !== undefined && source === "audit"
      ? { command: { position: { [String(Number(position))]: { regex: "^" } } } }
      : always.includes(field)
        ? ANY_PROGRAM
        : null;
  if (there === null) return refuse(`field "${field}"`);
  return { ok: true, match: wanted ? there : { not: there } };
}

const ANY_PROGRAM: MatchData = { command: { exec: { regex: "." } } };

function readAudit(field: string, value: SigmaValue): FieldReading {
  const position = POSITION.exec(field)?.[1];
  if (position !== undefined) return readPosition(Number(position), value);
  switch (field) {
    case "type":
      return readRecordTypes(value);
    case "exe":
      return readImage(value);
    case "comm":
      return command({ exec: patternOf(value) });
    case "name":
      return pathNamed(value, "any");
    case "nametype":
      return value.texts.every((one) => /^(?:CREATE|DELETE|NORMAL|PARENT)$/i.test(one))
        ? { ok: true, match: ANY_PROGRAM }
        : refuse(`field "${field}"`);
    case "unit":
      return command({ args: { any: unitPattern(value) } });
    case "SYSCALL":
      return refuse("calls to the kernel");
    case "key":
      return refuse("labels of audit rules");
    default:
      return refuse(`field "${field}"`);
  }
}

function readPosition(index: number, value: SigmaValue): FieldReading {
  if (index === 0 && value.kind === "equals" && value.texts.every(isPlainName))
    return command({ exec: [...value.texts] });
  return command({ position: { [String(index)]: patternOf(value) } });
}

/** What a record of the audit system is about, asked of the program that would cause it. */
const RECORD_TYPES: Readonly<Record<string, MatchData>> = {
  EXECVE: ANY_PROGRAM,
  SYSCALL: ANY_PROGRAM,
  PATH: ANY_PROGRAM,
  CWD: ANY_PROGRAM,
  ADD_USER: { command: { exec: ["useradd", "adduser", "luseradd", "newusers"] } },
  DEL_USER: { command: { exec: ["userdel", "deluser", "luserdel"] } },
  ADD_GROUP: { command: { exec: ["groupadd", "addgroup"] } },
  DEL_GROUP: { command: { exec: ["groupdel", "delgroup"] } },
  USER_MGMT: { command: { exec: ["usermod", "gpasswd", "chage"] } },
  USER_CHAUTHTOK: { command: { exec: ["passwd", "chpasswd"] } },
  SERVICE_STOP: {
    command: {
      exec: ["systemctl", "service", "rc-service", "invoke-rc.d"],
      args: { any: { equals: ["stop", "kill", "mask"] } },
    },
  },
  SERVICE_START: {
    command: {
      exec: ["systemctl", "service", "rc-service", "invoke-rc.d"],
      args: { any: { equals: ["start", "restart", "enable"] } },
    },
  },
};

function readRecordTypes(value: SigmaValue): FieldReading {
  const why = `records of type ${value.texts.join(", ")}`;
  if (value.kind !== "equals") return refuse(why);
  const known = value.texts.flatMap((one) => RECORD_TYPES[one.toUpperCase()] ?? []);
  if (known.length < value.texts.length) return refuse(why);
  const [first, ...others] = known;
  if (first === undefined || others.includes(first)) return refuse(why);
  return { ok: true, match: others.length === 0 ? first : { any: known } };
}

/** `firewalld` and `firewalld.service` are one. */
function unitPattern(value: SigmaValue): Readonly<Record<string, unknown>> {
  if (value.kind !== "equals") return patternOf(value);
  const texts = value.texts.flatMap((one) => (one.includes(".") ? [one] : [one, `${one}.service`]));
  return patternOf({ ...value, texts });
}

/** They make or change the files that they are given; others read them, or speak of them. */
const WRITERS = [
  ..."cp mv install ln tee touch rsync scp sftp wget curl aria2c sed truncate dd vi vim nvim nano".split(
    " ",
  ),
  ..."ed ex emacs unzip tar chmod chown setfacl mkdir patch sponge git".split(" "),
];
/** A path that they are given is a word to them. */
const SPEAKERS = [
  ..."echo printf test [ [[ : true false man logger wall mail export cd".split(" "),
];

function readFileField(field: string, value: SigmaValue): FieldReading {
  if (field === "TargetFilename") return pathNamed(value, "written");
  if (field === "Image") return readImage(value);
  if (field === "User") return command({ account: patternOf(value) });
  return refuse(`field "${field}"`);
}

/** A file that a program of the line is led to, or writes: there is no file event, but what causes it. */
function pathNamed(value: SigmaValue, use: "any" | "written"): FieldReading {
  const pattern = pathPattern(value);
  const target = use === "written" ? { op: "write", target: pattern } : { target: pattern };
  const given: MatchData =
    use === "written"
      ? { command: { exec: WRITERS, args: { any: pattern } } }
      : {
          all: [{ command: { args: { any: pattern } } }, { not: { command: { exec: SPEAKERS } } }],
        };
  return { ok: true, match: { any: [{ command: { redirect: target } }, given] } };
}

/** Paths are compared where they lead to; what is no path (a part of a name) as it stands. */
function pathPattern(value: SigmaValue): Readonly<Record<string, unknown>> {
  const forms = value.texts.map((text) => pathForm(value.kind, text));
  if (!forms.every((form) => form !== null)) return patternOf(value);
  return patternOf({ ...value, kind: "path", texts: forms });
}

function pathForm(kind: SigmaValue["kind"], text: string): string | null {
  if (/[*?[\]{}|\\~]/.test(text)) return null;
  if (kind === "equals") return text.startsWith("/") ? text : null;
  if (kind === "startswith") return /^\/.*\/$/.test(text) ? `${text}**` : null;
  if (kind === "endswith") return text.startsWith("/") ? `/**${text}` : null;
  return null;
}

/** One file under several names: the record tells the file, the line the name. */
const SEVERAL_NAMES: Readonly<Record<string, readonly string[]>> = {
  kmod: ["kmod", "insmod", "rmmod", "modprobe", "lsmod", "modinfo", "depmod"],
};

/** What a program's path is asked for, here asked of its name wherever the folder says nothing. */
function readImage(value: SigmaValue): FieldReading {
  const named = value.texts.map((text) => nameOf(value.kind, text));
  if (named.every((name) => name !== null))
    return command({ exec: named.flatMap((name) => SEVERAL_NAMES[name] ?? [name]) });
  return command({ path: patternOf(value) });
}

/** The program that started it: known where it stands on the same line. */
function readParent(value: SigmaValue): FieldReading {
  const named = value.texts.map((text) => nameOf(value.kind, text));
  return named.every((name) => name !== null)
    ? command({ via: named })
    : refuse('field "ParentImage" by its folder');
}

function nameOf(kind: SigmaValue["kind"], text: string): string | null {
  if (kind !== "equals" && kind !== "endswith") return null;
  const slash = text.lastIndexOf("/");
  const folder = text.slice(0, slash + 1);
  const name = text.slice(slash + 1);
  if (slash < 0 || !isPlainName(name)) return null;
  if (kind === "endswith" && folder === "/") return name;
  return PROGRAM_FOLDERS.test(folder) ? name : null;
}

/** Nothing in it that a pattern of the rule language would take for more than a letter. */
function isPlainName(text: string): boolean {
  return text !== "" && !/[/*?[\]{}|\\]/.test(text);
}

function patternOf({ kind, texts, caseSensitive }: SigmaValue): Readonly<Record<string, unknown>> {
  const [only] = texts;
  const list = texts.length === 1 && only !== undefined ? only : [...texts];
  const plain = kind === "cidr" || kind === "num" || kind === "list" || caseSensitive;
  return plain ? { [kind]: list } : { [kind]: list, case: false };
}

function command(parts: Readonly<Record<string, unknown>>): FieldReading {
  return { ok: true, match: { command: parts } };
}

function refuse(why: string): FieldReading {
  return { ok: false, why };
}
