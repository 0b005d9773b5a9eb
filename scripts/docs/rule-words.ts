/** What each word of a rule file means, in the order of the page. */
export interface RuleSection {
  /** Name of the list of words in src/rules/read/. */
  readonly list: string;
  readonly title: string;
  readonly intro: string;
  readonly words: Readonly<Record<string, string>>;
  /** Known to the code and always refused. */
  readonly refused?: readonly string[];
}

export const RULE_WORDS: readonly RuleSection[] = [
  {
    list: "PACK_KEYS",
    title: "The file",
    intro: "`apiVersion`, `kind` and `metadata` are needed in each file.",
    words: {
      apiVersion: "`chaperone/v1`",
      kind: "`RulePack`; `Policy` (may set `default`); `Overrides`; `Lists`",
      metadata: "see below",
      lists:
        "named lists of words, used by `{ list: NAME }`; or `{ file: PATH }`: one value a line, `#` begins a comment, the path relative to the rule file",
      defaults:
        "for all rules of the file: `mode`, `criticality`, `maturity`, `scope`, `onUnparsed`, `timezone`",
      default:
        "kind `Policy` only: `deny` lets run only what a rule with `effect: allow` names; with `defaults.mode: shadow` it is only told",
      scope: "holds for every rule of the file",
      rules: "the rules",
      overrides: "kind `Overrides` only: changes to rules of other files",
    },
    refused: ["includes"],
  },
  {
    list: "METADATA_KEYS",
    title: "metadata",
    intro: "`name` and `version` are needed.",
    words: {
      name: "3 to 64 of `a-z 0-9 . _ -`",
      version: "such as `1.0.0`; stands in every `rule.matched`",
      title: "for people",
      description: "for people",
      author: "who wrote the rules; stands in every `rule.matched`",
      license: "of the rules",
      source: "where they come from",
      references: "addresses to read more",
    },
  },
  {
    list: "RULE_KEYS",
    title: "A rule",
    intro:
      "`id`, `name` and `match` (or `sequence`) are needed, and `action` unless the rule allows.",
    words: {
      id: "3 to 64 of `a-z 0-9 . _ -`; unique over all files",
      name: "one line for people",
      description: "for people",
      status: "`stable`, `test`, `experimental`, `deprecated`: for people",
      maturity:
        "`stable` (default), `incubating`, `sandbox`: which of these are in force is chosen where a builtin pack is named",
      mode: "`enforce` (default), `shadow` (evaluated and told, never acts), `off`",
      effect: "`restrict` (default) or `allow`: silences the rules named in `suppresses`",
      suppresses: "ids of the rules that an allowing rule silences",
      criticality: "`informational`, `low`, `medium`, `high`, `critical`",
      score: "0 to 100",
      tags: "such as `attack.t1485`",
      author: "instead of the file's",
      license: "of the rule; stands in every `rule.matched`",
      references: "addresses to read more; stand in every `rule.matched`",
      falsepositives: "what else it may hit: for people",
      scope: "whom and what it is for; absent: everybody and everything",
      match: "which commands it is about",
      threshold: "the rule holds from the n-th time on; see counters below",
      sequence:
        "instead of `match`: `{ rules: [a, b], within: 10m, by: [session], ordered: true }` holds when these rules have hit one after the other",
      action: "what happens: one word, a mapping, or a list of these",
      message:
        "what the person reads: a text, or one for each language (`{ en: ..., pt-BR: ... }`); `{arg}`, `{exec}` and `{line}` are filled in",
      exceptions: "cases taken out, each with an owner, a reason and an end",
      tests: "lines and what is expected of them; at least a hit and a near miss",
      expires: "the day from which the rule holds no longer",
    },
  },
  {
    list: "COUNTER_KEYS",
    title: "threshold, after",
    intro:
      "Counts how often a rule has hit. What is counted by `person`, `account`, `target` or `origin` goes on over sessions and needs `within`; copies of that memory agree within milliseconds, not at once.",
    words: {
      count: "from this time on, 1 to 1000",
      within: "only hits this recent count: `30s`, `10m`, `2h`, `1d`",
      by: "hits with the same `session` (default), `person` (also: `user`), `account` (`credential`), `target`, `origin` are counted together; `user-target` is both",
      distinct:
        "different values of `target`, `account`, `origin`, `exec`, `arg`, `line` are counted instead of hits",
    },
  },
  {
    list: "SEQUENCE_KEYS",
    title: "sequence",
    intro:
      "Rules that may stand in any file of the set; their hits count when they are enforced or in shadow.",
    words: {
      rules: "ids of 2 to 16 rules, none twice",
      within: "from the first to the last of them",
      by: "as in a counter",
      ordered: "`true` (default): in this order; `false`: in any",
    },
  },
  {
    list: "COMMAND_KEYS",
    title: "match.command",
    intro:
      "All keys given have to hold for one and the same program that the line starts. Wrappers (`sudo`, `env`, `xargs`, `sh -c`, ...) are unwrapped first. `match` itself takes `command`, `transfer`, `forward`, `http`, `clipboard`, `all`, `any`, `not`; a list means any.",
    words: {
      exec: "name of the program, without folder",
      path: "the path of the program: as written when it has a folder, else `/usr/bin/NAME`",
      argv: "the words by position: `*` is any word, `{a|b}` one of these, `...` any number",
      position: "words by number, `0` being the program as it is written: `{ 1: '-i' }`",
      flags:
        "names of flags, long or short, clustered or not: a list (all), or `any`, `all`, `none`",
      opts: "options with a value, by name",
      args: "the words that are not flags: patterns, or `any`, `all`, `none`, `count`",
      env: "assignments before the program, by name",
      via: "a wrapper it is started through",
      runas: "the account it runs as, where `sudo`, `su` or the like say so",
      account: "the account it runs as: as `runas`, else the account of the session",
      cwd: "the folder it runs in, as far as known",
      deletes:
        "what it removes by itself, whatever the program or language: `path`, and `recursive: true` when what lies below must go, too",
      redirect: "`op` and `target` of a redirection",
      stdin: "text that it is fed, as far as known",
      pipeFrom: "the program before it in the pipeline",
      pipeTo: "the program after it in the pipeline",
      normalized: "the words of the program joined by single blanks",
      raw: "the text of the whole line: the last resort",
      context:
        "where it stands: `top`, `substitution`, `subshell`, `function`, `loop`, `script`, `interpreter`",
      unparsed: "`true`: the line could not be parsed",
    },
  },
  {
    list: "TRANSFER_KEYS",
    title: "match.transfer",
    intro:
      "A file on its way, before it is opened and again when its size and hash are known. All keys given have to hold.",
    words: {
      direction: "`upload` (to the target), `download`, `any`",
      operation:
        "what is done: `read`, `write`, `list`, `remove`, `rename`, `link`, `mkdir`, `rmdir`, `setstat`; without it, all but listings",
      via: "`sftp`, `scp`, `rsync`, `terminal`, `web`, `desktop`",
      path: "the path on the target, as asked for, `..` resolved",
      size: "a comparison such as `>= 100MB` (`B`, `KB`, `MB`, `GB`, `TB`, powers of 1024)",
      sha256: "of the whole file, lower-case hex",
      type: "by its first bytes: `program`, `script`, `archive`, `key`, `document`, `image`, `database`, `text`, `binary`",
      content: "patterns over the first 64 KiB, as text",
    },
  },
  {
    list: "FORWARD_KEYS",
    title: "match.forward",
    intro:
      "A connection, agent or display led past the terminal, before it is opened. `ssh -D` asks for one `local` after the other.",
    words: {
      kind: "`local`, `remote`, `streamlocal`, `agent`, `x11`",
      host: "where it leads, or where it listens for `remote`",
      port: "`22`, `8000-8999`, or a list",
      path: "of a socket in the file system",
    },
  },
  {
    list: "HTTP_KEYS",
    title: "match.http",
    intro:
      "A request of a web session, before it is sent; rules that speak of the answer are asked when its head is there, before the person gets any of it. All keys given have to hold. How often is a matter of `threshold`, as everywhere.",
    words: {
      method: "`GET`, `POST`, ...: any of these",
      host: "of the target, without port",
      path: "the path as the target will understand it: decoded once, `.` and `..` resolved",
      query: "parameters, by name: `{ force: '1' }`; `[force]` alone: it is there",
      body: "fields of a form, or of the top level of a JSON body, by name",
      operation: "operation of GraphQL, method of JSON-RPC",
      upgrade: "`websocket`",
      status: "of the answer: `404`, `>= 500`",
      responseSize: "of the answer, as far as the target tells it: `> 10MB`",
      contentType: "of the answer, without parameters",
    },
  },
  {
    list: "CLIPBOARD_KEYS",
    title: "match.clipboard",
    intro:
      "What is copied or pasted between person and desktop, when all of it is known and before any of it passes. All keys given have to hold. Alerts tell its size and digest, never its content.",
    words: {
      direction:
        "`upload` (a paste on its way to the target), `download` (a copy to the person), `any`",
      mimetype: "as declared, without parameters: `text/plain`, `image/*`",
      size: "in bytes, a comparison such as `> 10KB`",
      sha256: "of the whole clipboard, lower-case hex",
      content: "patterns over its text; what is no text has none",
    },
  },
  {
    list: "PATTERN_KINDS",
    title: "Patterns",
    intro:
      "A plain word is literal, or a glob when it holds `*` or `?`. A mapping says which kind; `case: false` ignores case. Arguments that are paths are compared after `~`, `..` and the working folder are resolved.",
    words: {
      path: "a path, with `*` (within one folder) and `**` (any depth)",
      glob: "`*` and `?`",
      regex: "a regular expression that runs in linear time (RE2)",
      contains: "this text somewhere in it",
      startswith: "this text at its beginning",
      endswith: "this text at its end",
      equals: "exactly this",
      list: "a list of the file, by name",
      num: "a comparison such as `>= 10`",
      cidr: "an address in this network, also inside `user@host:path` and addresses of the web",
      host: "this host (`*` and `?`), also inside `user@host:path` and addresses of the web",
    },
  },
  {
    list: "ACTION_KEYS",
    title: "action",
    intro:
      "`action: block` is short for `action: { do: block }`. The words, least strict first: `allow`, `log`, `alert`, `warn`, `reauth`, `approve`, `block`; and for the session: `suspend`, `kill`, `lock-user`. The strictest of all rules that hold is done, all reasons are kept.",
    words: {
      do: "one of the words above",
      factors: "what is asked for, best first: `totp`, `password`, `webauthn`, `webhook`",
      attempts: "answers before it has failed",
      timeout: "time for the answer",
      grace:
        "time after a success in which these rules do not ask this person on this target again, in none of their sessions",
      onFail: "what happens after the last wrong answer",
      onTimeout: "what happens without an answer",
      after: "a counter: this action from that hit on",
      approvers: "who may approve: names, `group:soc`",
      notify: "groups of `notify.groups` in the configuration that get a mail",
      min: "how many of them have to",
      record:
        "`bodies`: what a request and its answer carry goes into the request log, masked (see docs/guide/web.md)",
    },
  },
  {
    list: "SCOPE_KEYS",
    title: "scope",
    intro: "All keys given have to hold; within a list one is enough.",
    words: {
      users: "the same as `persons`",
      persons: "names of people",
      groups: "groups of people",
      targets: "names, or `names`, `cidr`, `labels`, `criticality`",
      credentials: "`names`: accounts on the target",
      accounts: "accounts on the target",
      protocols: "`ssh`, `telnet`, `rdp`, `vnc`, `web`",
      channels:
        "`shell`, `exec`, `sftp`, `subsystem`, `localForward`, `remoteForward`, `streamlocal`, `agent`, `x11`",
      context: "who reads the line: `shell`, `program`, `unknown`; absent: whoever does",
      programs: "names of the program that reads it, as `psql` or `mysql*`",
      ticket: "`present`, `absent`: whether the gateway opened the session for one",
      sessionRisk: "a comparison such as `>= 60`; a session that nobody scores has risk 0",
      origin: "`cidr`: where the person comes from",
      time: "`windows` such as `mon-fri 08:00-18:00`, `outside`, `timezone`",
      not: "a scope that must not hold",
    },
    refused: ["roles", "userRating"],
  },
  {
    list: "EXCEPTION_KEYS",
    title: "exceptions",
    intro: "An exception has an owner, a reason and an end; after it the rule holds again.",
    words: {
      id: "for people",
      scope: "for whom the rule does not hold",
      match: "for which commands it does not hold",
      reason: "why",
      owner: "who answers for it",
      expires: "the day it ends",
      downgradeTo: "what is done instead of the rule's action",
      ticket: "where it was agreed",
    },
  },
  {
    list: "OVERRIDE_KEYS",
    title: "overrides",
    intro: "Changes to a rule of another file, so that a pack can be taken over unchanged.",
    words: {
      rule: "id of the rule; with `*`, of several",
      mode: "instead of the rule's",
      criticality: "instead of the rule's",
      score: "instead of the rule's",
      action: "instead of the rule's",
      scope: "has to hold besides the rule's own",
      addExceptions: "added to the rule's",
      reason: "why",
      owner: "who answers for it",
      expires: "the day from which the rule is itself again",
    },
  },
  {
    list: "TEST_KEYS",
    title: "tests",
    intro: "Run by `chaperone rules test`, and before a set is loaded.",
    words: {
      line: "a line as it is typed",
      lines: "several lines, typed one after the other",
      context: "who types where; see below",
      expect: "the word of the action, or `false` when the rule must not hold",
      name: "for people",
      event:
        "instead of a line: `{ type: transfer, direction, via, path, bytes, sha256 }` `{ type: forward, kind, host, port, path }`, `{ type: http, method, host, path, query, body, operation, upgrade, status, bytes, contentType }`, or `{ type: clipboard, direction, mimetype, bytes, sha256, content }`",
    },
  },
  {
    list: "CONTEXT_KEYS",
    title: "tests: context",
    intro: "What is not given is what suits the rule's scope.",
    words: {
      person: "who",
      user: "the same as `person`",
      groups: "the person's groups",
      target: "name of the target",
      labels: "labels of the target",
      address: "address of the target",
      protocol: "as in a scope",
      account: "account on the target",
      origin: "where the person comes from",
      channel: "as in a scope",
      time: "when, as `2027-01-03T03:00:00-03:00`",
      cwd: "the working folder",
      home: "the home folder",
      repeat: "typed so many times",
      every: "time between one line and the next, as `30s`",
      context: "`shell`, `program`, `unknown`: who reads the line",
      program: "the program that reads it",
      ticket: "of the session",
      risk: "of the session, 0 to 100",
      language: "of the person",
    },
  },
];
