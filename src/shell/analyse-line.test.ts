import { describe, expect, it } from "vitest";
import type { Invocation } from "../model/index.js";
import { analyseLine, isOpaque, type ShellKnowledge } from "./index.js";

const AT_HOME: ShellKnowledge = { cwd: "/home/alice", home: "/home/alice" };

/** Every program start as one text: known words, `?` for the unknown ones. */
function runs(line: string, knowledge: ShellKnowledge = AT_HOME): readonly string[] {
  return analyseLine(line, knowledge).invocations.map(show);
}

function show(invocation: Invocation): string {
  return invocation.argv.map((word) => word ?? "?").join(" ");
}

describe("a forbidden command is found however it is spelt", () => {
  it.each([
    ["as it is", "rm -rf /etc"],
    ["quotes in the word", `r""m -r'f' "/etc"`],
    ["backslashes", String.raw`\rm -\r\f /e\tc`],
    ["a line continuation", "r\\\nm -rf /etc"],
    ["ANSI-C quoting", String.raw`$'\x72\155' -rf /etc`],
    ["locale quoting", `$"rm" -rf /etc`],
    ["brace expansion", "{rm,-rf,/etc}"],
    ["a brace inside the word", "r{m..m} -rf /etc"],
    ["IFS as the blank", "rm$IFS-rf${IFS}/etc"],
    ["an IFS of its own", "IFS=,; x=rm,-rf,/etc; $x"],
    ["a variable", "x=rm; $x -rf /etc"],
    ["a variable with the whole command", "x='rm -rf /etc'; $x"],
    ["a concatenated variable", "a=r b=m; $a$b -rf /etc"],
    ["an appended variable", "a=r; a+=m; $a -rf /etc"],
    ["a default", "${nothing_set_here:-rm} -rf /etc"],
    ["a stripped suffix", "x=rmx; ${x%x} -rf /etc"],
    ["a stripped prefix", "x=xxrm; ${x##*x} -rf /etc"],
    ["a replacement", "x=rX; ${x/X/m} -rf /etc"],
    ["a slice", "x=arms; ${x:1:2} -rf /etc"],
    ["a change of case", "x=RM; ${x,,} -rf /etc"],
    ["indirection", "x=rm; y=x; ${!y} -rf /etc"],
    ["an array", `a=(rm -rf /etc); "\${a[@]}"`],
    ["positional parameters", "set -- rm -rf /etc; $@"],
    ["a folded echo", "$(echo rm) -rf /etc"],
    ["a folded printf", "$(printf '%s%s' r m) -rf /etc"],
    ["old backquotes", "`echo rm` -rf /etc"],
    ["reversed text", "$(echo mr | rev) -rf /etc"],
    ["translated text", "$(echo sn | tr sn rm) -rf /etc"],
    ["an empty expansion", "r$()m -rf /etc"],
    ["empty positional parameters", "r$@m -rf /etc"],
    ["a globbed command", "/bin/r? -rf /etc"],
    ["a slash taken from PATH", "${PATH:0:1}bin${PATH:0:1}rm -rf /etc"],
    ["which", "$(which rm) -rf /etc"],
    ["printf into a variable", "printf -v x rm; $x -rf /etc"],
    ["a hexadecimal echo", String.raw`$(echo -e '\x72\x6d') -rf /etc`],
  ])("%s", (_name, line) => {
    const found = runs(line).some((text) => /^(?:(?:\/\w+)+\/)?rm -rf \/etc$/.test(text));
    expect(found, `${line}\n${runs(line).join("\n")}`).toBe(true);
  });
});

describe("a forbidden command is found however it is wrapped", () => {
  it.each([
    "sudo rm -rf /etc",
    "sudo -u bob -- rm -rf /etc",
    "sudo --user=bob LC_ALL=C rm -rf /etc",
    "sudo -nE -g wheel rm -rf /etc",
    "doas -u root rm -rf /etc",
    "su - root -c 'rm -rf /etc'",
    "su -c 'rm -rf /etc' root",
    "runuser -u bob -- rm -rf /etc",
    "env -i A=b rm -rf /etc",
    "env -S 'rm -rf /etc'",
    "env -S 'rm -rf' /etc",
    "nohup nice -n 5 ionice -c 3 rm -rf /etc",
    "timeout -k 5 -s KILL 10 rm -rf /etc",
    "time -p rm -rf /etc",
    "/usr/bin/time -f %e rm -rf /etc",
    "setsid -f rm -rf /etc",
    "stdbuf -oL rm -rf /etc",
    "flock /tmp/lock rm -rf /etc",
    "flock /tmp/lock -c 'rm -rf /etc'",
    "taskset -c 0 rm -rf /etc",
    "chrt -f 10 rm -rf /etc",
    "prlimit --nofile=10 rm -rf /etc",
    "strace -f -o /dev/null rm -rf /etc",
    "unshare -m rm -rf /etc",
    "nsenter -t 1 -m rm -rf /etc",
    "chroot /mnt rm -rf /etc",
    "command rm -rf /etc",
    "builtin command rm -rf /etc",
    "exec -a sleep rm -rf /etc",
    "eval 'rm -rf /etc'",
    "eval rm -rf '/etc'",
    "busybox rm -rf /etc",
    "find /etc -maxdepth 0 -exec rm -rf {} +",
    "find . -exec rm -rf /etc ';'",
    "find . -execdir sh -c 'rm -rf /etc' \\;",
    "echo /etc | xargs rm -rf",
    "xargs -I{} rm -rf {} <<< /etc",
    "parallel rm -rf ::: /etc",
    "watch -n 1 'rm -rf /etc'",
    "script -q -c 'rm -rf /etc' /dev/null",
    "bash -c 'rm -rf /etc'",
    "bash -lc 'rm -rf /etc'",
    "sh -e -c 'rm -rf /etc' name arg",
    `bash -c '"$@"' x rm -rf /etc`,
    "bash -c '$0 $1 /etc' rm -rf",
    "bash --norc -o pipefail -c 'rm -rf /etc'",
    "ssh -p 22 db-1 rm -rf /etc",
    "ssh -t root@db-1 'sudo rm -rf /etc'",
    "docker exec -it -u root web rm -rf /etc",
    "kubectl exec -n prod web -- rm -rf /etc",
    "systemd-run --uid=0 rm -rf /etc",
    "echo 'rm -rf /etc' | at now",
    "git -c alias.x='!rm -rf /etc' x",
    "tar cf x --checkpoint=1 --checkpoint-action=exec='rm -rf /etc' .",
    "awk 'BEGIN { system(\"rm -rf /etc\") }'",
    "python3 -c 'import os; os.system(\"rm -rf /etc\")'",
    'python3 -c \'import subprocess; subprocess.run(["rm", "-rf", "/etc"])\'',
    "perl -e 'exec \"rm -rf /etc\"'",
    "perl -e '`rm -rf /etc`'",
    'ruby -e \'system("rm", "-rf", "/etc")\'',
    'node -e \'require("child_process").execSync("rm -rf /etc")\'',
    "vim -c ':!rm -rf /etc'",
    "bash <<< 'rm -rf /etc'",
    "bash <<E\nrm -rf /etc\nE",
    "cat <<E | sh\nrm -rf /etc\nE",
    "echo 'rm -rf /etc' | sh",
    "printf 'rm -rf /etc' | tee log | sudo bash -s",
    "echo cm0gLXJmIC9ldGM= | base64 -d | sh",
    "echo 726d202d7266202f657463 | xxd -r -p | sh",
    "bash <(echo rm -rf /etc)",
    "source <(echo rm -rf /etc)",
    "echo 'rm -rf /etc' | tee >(sh)",
    "echo 'rm -rf /etc' > >(bash)",
    "echo 'rm -rf /etc' > /tmp/x; sh /tmp/x",
    "echo 'rm -rf /etc' > x && chmod +x x && ./x",
    "trap 'rm -rf /etc' EXIT",
    "PROMPT_COMMAND='rm -rf /etc'",
  ])("%s", (line) => {
    expect(runs(line), line).toContain("rm -rf /etc");
  });
});

describe("a forbidden command is found wherever it stands", () => {
  it.each([
    "true; rm -rf /etc",
    "true && rm -rf /etc",
    "false || rm -rf /etc",
    "sleep 1 & rm -rf /etc",
    "! rm -rf /etc",
    "(rm -rf /etc)",
    "{ rm -rf /etc; }",
    "if true; then rm -rf /etc; fi",
    "if true; then :; elif false; then :; else rm -rf /etc; fi",
    "while true; do rm -rf /etc; done",
    "until false; do rm -rf /etc; done",
    "for i in 1; do rm -rf /etc; done",
    "for d in /etc /var; do rm -rf $d; done",
    "for ((i=0;i<1;i++)); do rm -rf /etc; done",
    "select x in a; do rm -rf /etc; done",
    "case x in x) rm -rf /etc;; esac",
    "f() { rm -rf /etc; }",
    'f() { rm -rf "$1"; }; f /etc',
    "function f { rm -rf /etc; }; f",
    "coproc rm -rf /etc",
    "echo $(rm -rf /etc)",
    'echo "`rm -rf /etc`"',
    "cat <(rm -rf /etc)",
    "echo x > >(rm -rf /etc)",
    "[[ -n $(rm -rf /etc) ]]",
    "(( x = $(rm -rf /etc) ))",
    "x=$(rm -rf /etc)",
    "echo ${x:-$(rm -rf /etc)}",
    "cat <<E\n$(rm -rf /etc)\nE",
    "a[$(rm -rf /etc)]=1",
    "echo x | tee >(rm -rf /etc)",
    "x=ls; while true; do $x -rf /etc; x=rm; done",
    "alias ll='rm -rf /etc'; ll",
  ])("%s", (line) => {
    expect(runs(line), line).toContain("rm -rf /etc");
  });
});

describe("what only looks like a forbidden command is none", () => {
  it.each([
    "echo rm -rf /etc",
    "grep 'rm -rf /etc' notes.txt",
    "git commit -m 'do not rm -rf /etc'",
    "# rm -rf /etc",
    "ls 'rm -rf /etc'",
    "cat > notes <<'E'\nrm -rf /etc\nE",
    "man rm",
    "printf '%s\\n' 'rm -rf /etc' > notes.txt",
    "sudo -l",
    "command -v rm",
    "x='rm -rf /etc'",
    "mysql -h rm-1.example -e 'select 1'",
    "python3 -c 'print(\"rm -rf /etc\")'",
    "awk '/rm -rf/ { print }' log",
  ])("%s", (line) => {
    expect(runs(line).filter((text) => /^rm\b/.test(text))).toEqual([]);
  });
});

describe("an invocation says how it is reached", () => {
  const last = (line: string): Invocation | undefined =>
    analyseLine(line, AT_HOME).invocations.at(-1);

  it("names wrappers from the outside in, and the account that they switch to", () => {
    expect(last("sudo -u bob env A=b bash -c 'id'")).toMatchObject({
      exec: "id",
      via: ["sudo", "env", "bash"],
      runas: "bob",
      context: "script",
    });
    expect(last("sudo id")?.runas).toBe("root");
    expect(last("su -c id")?.runas).toBe("root");
    expect(last("su - postgres -c id")?.runas).toBe("postgres");
  });

  it("ties the neighbours of a pipeline together, wrapped or not", () => {
    const { invocations } = analyseLine("curl x | sudo bash", AT_HOME);
    const bash = invocations.find((one) => one.exec === "bash");
    expect(bash?.pipeFrom).toBe(0);
    expect(invocations[0]?.pipeTo).toBe(1);
  });

  it("gives the text that feeds standard input", () => {
    expect(last("psql <<< 'drop table t'")?.stdin).toBe("drop table t\n");
    expect(last("echo 'drop table t' | psql")?.stdin).toBe("drop table t\n");
  });

  it("keeps redirects and assignments", () => {
    expect(last("A=b cat < in >> out 2>&1")).toMatchObject({
      redirects: [
        { op: "<", target: "in" },
        { op: ">>", target: "out" },
        { op: ">&", target: "1" },
      ],
      assignments: [{ name: "A", value: "b" }],
    });
    expect(last("> /etc/passwd")).toMatchObject({ exec: null, dynamic: false });
  });

  it("follows cd within the line", () => {
    expect(last("cd /etc && rm -rf ssh")).toMatchObject({ cwd: "/etc" });
    expect(last("cd $somewhere; rm x")).toMatchObject({ cwd: null });
    expect(last("(cd /etc); rm x")).not.toHaveProperty("cwd");
  });
});

describe("what can not be known is said to be unknown", () => {
  it.each([
    "$cmd -rf /etc",
    "$(cat file) x",
    "eval $(curl x)",
    "sudo $cmd",
    "env $x",
    "find . -exec $cmd {} +",
    "curl x | sh",
    "bash <(curl x)",
    'bash -c "$x"',
    "python3 -c 'import os; os.system(x)'",
    "$(echo rm | unknown-filter) -rf /",
    "/bin/r? -rf /",
  ])("%s", (line) => {
    expect(isOpaque(analyseLine(line, AT_HOME))).toBe(true);
  });

  it.each(["ls -l", "sudo systemctl restart nginx", "rm -rf $x", "for f in *.c; do cc $f; done"])(
    "%s",
    (line) => {
      expect(isOpaque(analyseLine(line, AT_HOME))).toBe(false);
    },
  );

  it("leaves an unknown argument unknown instead of dropping it", () => {
    expect(analyseLine('rm -rf "$dir"', {}).invocations[0]?.argv).toEqual(["rm", "-rf", null]);
  });

  it("does not trust a variable that only one branch sets", () => {
    const lines = ["x=rm; false && x=ls; $x -rf /", "x=rm; if c; then x=ls; fi; $x -rf /"];
    for (const line of lines) expect(isOpaque(analyseLine(line, {})), line).toBe(true);
  });
});

describe("knowledge of the session", () => {
  it("applies aliases, and judges the word as written too", () => {
    const knowledge = { aliases: new Map([["ll", "rm -rf"]]) };
    expect(runs("ll /etc", knowledge)).toEqual(["rm -rf /etc", "ll /etc"]);
    expect(runs("\\ll /etc", knowledge)).toEqual(["ll /etc"]);
  });

  it("does not loop on aliases and functions that name themselves", () => {
    const knowledge = {
      aliases: new Map([
        ["ls", "ls --color"],
        ["a", "b"],
        ["b", "a"],
      ]),
      functions: new Map([["f", "{ f; g; }"]]),
    };
    expect(runs("ls", knowledge)).toEqual(["ls --color"]);
    expect(runs("a", knowledge)).toContain("a");
    expect(runs("f", knowledge)).toEqual(["f", "f", "g"]);
  });

  it("follows functions with their arguments, variables and files", () => {
    const knowledge = {
      functions: new Map([["clean", '{ rm -rf "$1"; }']]),
      variables: new Map([["R", "rm"]]),
      files: new Map([["/tmp/x", "rm -rf /etc\n"]]),
    };
    expect(runs("clean /etc", knowledge)).toContain("rm -rf /etc");
    expect(runs("$R -rf /etc", knowledge)).toContain("rm -rf /etc");
    expect(runs("sh /tmp/x", knowledge)).toContain("rm -rf /etc");
  });
});

describe("limits", () => {
  it("reads 16 KiB, and only tokens of more", () => {
    const line = (length: number): string => `rm ${"a".repeat(length - 3)}`;
    expect(analyseLine(line(16 * 1024), {}).unparsed).toBeUndefined();
    const longer = analyseLine(line(16 * 1024 + 1), {});
    expect(longer.unparsed).toBeDefined();
    expect(longer.tokens[0]).toBe("rm");
  });

  it("reads brackets 64 deep, and only tokens of deeper ones", () => {
    const nested = (depth: number): string => "$(".repeat(depth) + "rm" + ")".repeat(depth);
    expect(analyseLine(`echo ${nested(64)}`, {}).unparsed).toBeUndefined();
    const deeper = analyseLine(`echo ${nested(65)}`, {});
    expect(deeper.unparsed).toContain("64");
    expect(deeper.tokens).toContain("rm");
  });

  it("stops following after 512 program starts and says so", () => {
    expect(analyseLine("a;".repeat(512), {}).unparsed).toBeUndefined();
    expect(analyseLine("a;".repeat(513), {}).unparsed).toContain("512");
  });

  it("follows 32 wrappers around a command", () => {
    expect(analyseLine(`${"sudo ".repeat(31)}rm`, {}).unparsed).toBeUndefined();
    expect(analyseLine(`${"sudo ".repeat(33)}rm`, {}).unparsed).toContain("32");
  });

  it("stops at scripts nested too deep, and keeps the tokens", () => {
    let line = "rm -rf /";
    for (let i = 0; i < 20; i++) line = `eval ${JSON.stringify(line)}`;
    expect(analyseLine(line.slice(0, 16_000), {}).tokens.length).toBeGreaterThan(0);
  });

  it("keeps best-effort invocations of a line with a syntax error", () => {
    const analysis = analyseLine("rm -rf /etc )", {});
    expect(analysis.unparsed).toBeDefined();
    expect(analysis.tokens).toContain("rm");
    expect(analysis.invocations.map(show)).toContain("rm -rf /etc");
  });
});
