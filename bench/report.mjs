import { writeFileSync } from "node:fs";

const FILE = new URL("../docs/performance.md", import.meta.url);

/** Above it others used the machine: the date then says how much. */
const LOAD_QUIET = 1;

/** docs/performance.md from the figures. What is not measured yet is said to be so. */
export function writeReport(results) {
  const sections = [head(results.environment)];
  for (const [name, section] of Object.entries(SECTIONS)) {
    const result = results[name];
    const body = result === undefined ? "Not measured yet.\n" : section.body(result.figures);
    const load =
      result?.loadBefore > LOAD_QUIET ? `, load average ${result.loadBefore} before` : "";
    const when = result === undefined ? "" : ` (${result.at}${load})`;
    // Kept beside figures that a later change has overtaken, until they are measured again.
    const note = result?.note === undefined ? "" : `${result.note}\n\n`;
    sections.push(`## ${section.title}${when}\n\n${section.text}\n\n${note}${body}`);
  }
  sections.push(WHERE_MEMORY_GOES, FASTER);
  writeFileSync(FILE, sections.join("\n"));
}

const SECTIONS = {
  throughput: {
    title: "Bulk",
    text: "MB/s, medians; the ratio is the median over the rounds of direct time / time on this path within one round. Both ends, the sidecar and the clients share the machine's processors, so the ratio mostly shows what one more process that decrypts and encrypts costs. Files lie in memory. Cipher aes128-gcm.",
    body: (rows) =>
      table(
        ["", "direct", "sidecar", "ssh -J", "sidecar / direct", "ssh -J / direct", "target"],
        rows.map((row) => [
          row.operation,
          row.direct,
          row.sidecar,
          row.jump,
          row.sidecarRatio.toFixed(2),
          row.jumpRatio.toFixed(2),
          row.target === undefined ? "" : `>= ${row.target}`,
        ]),
      ),
  },
  cpu: {
    title: "CPU time of bulk",
    text: "CPU seconds per GB of all threads of all processes between the two ends, medians of interleaved rounds; in brackets the part of helper threads (garbage collector, compiler, file work). Bare: the least that a proxy with two legs on the same SSH library can do. Adapter: ours, with a core that allows everything. On a loaded machine all columns grow alike.",
    body: (rows) =>
      table(
        ["", "bare", "adapter", "sidecar, one process", "sidecar, workers"],
        rows.map((row) => [
          row.operation,
          ...["bare", "adapter", "oneProcess", "workers"].map(
            (way) => `${row[way].all.toFixed(2)} (${row[way].helpers.toFixed(2)})`,
          ),
        ]),
      ),
  },
  keys: {
    title: "From a key to its echo",
    text: "ms, in an interactive bash; direct and sidecar in turns of 50 keys. Beside bulk: another session moves as much as it can meanwhile, on the same way, or through the sidecar beside both (the difference is what its bulk takes of a machine of few processors). The first row begins 200 keys after the start, while what a key runs through is being compiled; before the others each process of the sidecar has passed 4,000, some minutes of one person's typing. CPU: of all threads of all processes of the sidecar, for a key and its echo. Target: p50 <= 2 x direct, p99 <= 3 x direct or + 5 ms, whichever is larger.",
    body: (rows) =>
      table(
        ["", "direct p50", "sidecar p50", "direct p99", "sidecar p99", "CPU us a key", "keys"],
        rows.map((row) => [
          row.situation,
          row.direct.p50.toFixed(2),
          row.sidecar.p50.toFixed(2),
          row.direct.p99.toFixed(2),
          row.sidecar.p99.toFixed(2),
          row.situation.startsWith("alone") ? (row.cpuMicrosPerKey?.toFixed(0) ?? "") : "",
          row.sidecar.n,
        ]),
      ),
  },
  setup: {
    title: "Setting up a connection",
    text: "`ssh host true` with a public key, in turns. CPU: of all threads of all its processes, median (mean); set up: from the dial until the first output of the command is with the client; whole: with its end, until that is told, sealed and on the disk. What a connection runs through is compiled as it is run: the first row is a process that was started just now, the second one that has served for a while. Target: ratio <= 1.0 and <= 15 ms of CPU in the sidecar for setting up. (The sidecar can be faster than direct: it switches Nagle's algorithm off on both legs.)",
    body: (rows) =>
      table(
        ["", "direct ms", "sidecar ms", "ratio", "CPU ms, set up", "CPU ms, whole", "connections"],
        rows.map((row) => [
          `after ${row.after} connections`,
          row.directMs.toFixed(0),
          row.sidecarMs.toFixed(0),
          row.ratio.toFixed(2),
          medianAndMean(row.cpuSetUpMs),
          medianAndMean(row.cpuWholeMs),
          row.connections,
        ]),
      ),
  },
  memory: {
    title: "Memory of an idle session",
    text: "Growth of the resident memory of all processes of the sidecar, for each interactive bash session with recording on in which three commands were run. Target: <= 250 KB at 200 sessions.",
    body: (row) =>
      table(
        ["sessions", "KB a session", "MB in all"],
        [[row.sessions, row.perSessionKB.toFixed(0), row.totalMB.toFixed(0)]],
      ),
  },
  web: {
    title: "Requests to a web console",
    text: "HTTP/1.1 without TLS through the reverse proxy, with 100 rules about requests, 1,000 about commands and the sealed event log; beside it a bare proxy in Node (node:http and undici, no identity, no rules, no events) and nginx with an access log (one worker), in turns of one run. Client, application and proxies share the processors. The ratio is the median over the rounds of bare time / sidecar time; target: >= 0.7. CPU: milliseconds of all processes of the proxy for one request; of the sidecar, a fifth to a quarter is the parent's, which seals the events.",
    body: (rows) =>
      table(
        [
          "",
          ...["direct", "bare", "nginx", "sidecar"].map((way) => `${way} /s`),
          "sidecar / bare",
          "p99 ms bare",
          "p99 ms nginx",
          "p99 ms sidecar",
          "CPU ms bare",
          "CPU ms nginx",
          "CPU ms sidecar",
        ],
        rows.map((row) => [
          row.kind,
          ...["direct", "bare", "nginx", "sidecar"].map(
            (way) => row[way]?.perSecond.toFixed(0) ?? "",
          ),
          row.ratio.toFixed(2),
          ...["bare", "nginx", "sidecar"].map((way) => row[way]?.p99.toFixed(1) ?? ""),
          ...["bare", "nginx", "sidecar"].map((way) => row[way]?.cpuMs?.toFixed(2) ?? ""),
        ]),
      ),
  },
  core: {
    title: "The core alone",
    text: "No sockets: `session.step` and the rules as functions, in one process, warm, median of the rounds.",
    body: (rows) =>
      table(
        ["", "microseconds"],
        rows.map((row) => [row.what, row.micros.toFixed(1)]),
      ),
  },
  profile: {
    title: "Where the time goes",
    text: "Self time while bulk passes both ways (sessions in one process, idle time left out).",
    body: ({ shares }) =>
      table(
        ["function", "in", "share"],
        shares.map((row) => [`\`${row.name}\``, row.file, `${(row.share * 100).toFixed(1)} %`]),
      ),
  },
  sinks: {
    title: "Events to sinks",
    text: "Events through spool and outbox to two sinks (webhook, Splunk HEC), everything in one process as in a sidecar's parent, the receivers on the same machine. Latency: from the time in the event to its receipt, 400 events/s to three sinks. Targets: 5,000 events/s on two cores, a key meanwhile p50 within 2 x and p99 within 3 x or 5 ms of direct beside the same; p99 < 1 s; a dead sink costs disk, not memory.",
    body: ({ keys, sustained, latency, memory }) =>
      [
        // Results that are older than this part have none.
        ...(keys === undefined ? [] : [keysBesideEvents(keys)]),
        table(
          ["events/s, sustained", "CPU us an event", "events"],
          [[sustained.eventsPerSecond, sustained.cpuMicrosPerEvent.toFixed(0), sustained.events]],
        ),
        table(
          ["receiver", "p50 ms", "p99 ms", "longest ms"],
          ["webhook", "splunkHec", "rsyslogTls"].flatMap((name) =>
            latency[name] === undefined
              ? []
              : [[name, latency[name].p50Ms, latency[name].p99Ms, latency[name].mostMs]],
          ),
        ),
        table(
          ["a dead sink: MB that wait on the disk", "RSS before, MB", "RSS after, MB"],
          [[memory.waitingMegabytes, memory.rssBeforeMegabytes, memory.rssAfterMegabytes]],
        ),
      ].join("\n"),
  },
  desktop: {
    title: "Desktops",
    text: "Through `listen.guacd`, with guacd and the web applications played by the bench. Delay: a key there and a frame back, beside a relay that only passes bytes on, in turns within the same run; the ratio is the median over the rounds. Load: that many sessions at once, of each 100 instructions a second, four of five drawn (a picture of 2 KB, its frame) and one of the person; CPU time of all processes of the sidecar, recording included. Target: 100 sessions on one core.",
    body: ({ delay, load }) =>
      [
        table(
          ["", "relay", "sidecar", "sidecar / relay"],
          [
            [
              "there and back, p50 us",
              delay.relay.p50.toFixed(0),
              delay.sidecar.p50.toFixed(0),
              delay.ratio.toFixed(2),
            ],
            ["p99 us", delay.relay.p99.toFixed(0), delay.sidecar.p99.toFixed(0), ""],
          ],
        ),
        table(
          ["sessions", "instructions/s", "CPU us an instruction", "share of one core"],
          [
            [
              load.sessions,
              load.instructionsASecond,
              load.cpuMicros.toFixed(1),
              `${(load.cpuShare * 100).toFixed(0)} %`,
            ],
          ],
        ),
      ].join("\n"),
  },
};

function keysBesideEvents({ alone, direct, sidecar, ...load }) {
  const row = (what, one) => [
    what,
    `${one.direct.p50.toFixed(2)} / ${one.direct.p99.toFixed(2)}`,
    `${one.sidecar.p50.toFixed(2)} / ${one.sidecar.p99.toFixed(2)}`,
    (one.sidecar.p50 / one.direct.p50).toFixed(2),
    (one.sidecar.p99 / one.direct.p99).toFixed(2),
  ];
  return table(
    ["a key to its echo, p50 / p99 ms", "direct", "sidecar", "p50 x", "p99 x"],
    [
      row("no events", alone),
      row(
        `${load.toldPerSecond} events/s through spool, sealed log and two sinks, ${load.receivedPerSecond}/s received; medians of ${load.rounds}`,
        { direct, sidecar },
      ),
    ],
  );
}

const WHERE_MEMORY_GOES = `## Where the memory goes

The largest single part of an idle session is the screen model: about 30 KB for 80 x 24, in proportion to
the size. About 12 KB are pooled buffers that small values of the SSH handshake keep alive. The rest is
objects of the two SSH connections and of the session, cipher state outside the heap, and garbage that is
not collected yet. Before any session a worker takes about 80 MB, of which 46 MB are pages of files that
processes can share; 16 MB of address space belong to the WebAssembly module of one cipher.
`;

const FASTER = `## What would make it faster

- **What is left of bulk** is the kernel's work for one read and one write, one decryption and one
  encryption, and a copy between them. The sidecar takes about as much as a bare proxy on the same SSH
  library, mostly less, by one read buffer for all connections of a process, packets that are encrypted
  side by side and leave in one write, and blocks that are used again for what has to wait. Encrypting a
  packet where it was decrypted would save the copy, a few percent.
- **Less JavaScript at login.** Setting up a connection asks the parent three times, two times when the same
  client came with the same key within a minute. Of the process of a session, a sixth of what a connection
  costs is the kernel's work for some thirty writes and fifty wakings, a tenth cryptography (two agreements,
  two signatures made, two verified), a twentieth messages to the parent and the answers; nearly all of the
  rest is code that runs once or twice in a connection, in a profile without peaks: the longest other
  function takes two hundredths. After some hundred connections it is compiled. (On a busy machine the two
  rows above say more about the machine than about that.) Optimising it sooner (\`--interrupt-budget\`) or larger pages for the code
  (\`--use-largepages\`) were measured to save nothing in all.
- **Fewer wakings for a key.** A key and its echo are two reads, two writes and four polls in the process of
  the session, and no other thread or process is woken. Of the added time of each way, measured on a loaded
  machine, 20 us lie between reading and writing and 11 us are the write itself; recording and whatever else
  is only kept follow in 7 us after it. The rest is two more times that a process has to be woken and to find
  a processor free. While a session's code is being compiled, for the first thousand keys of a process, what
  lies between reading and writing takes two to four times as long. A copy is kept away from the process of
  whoever types, as long as there is more than one worker.
- **The native cipher addon of the SSH library.** Where it is not built (no compiler at install time, or a
  Node release that it does not know), bulk falls to roughly half. \`chaperone doctor\` says which.
- **More processors.** Sessions live in worker processes; two sessions on two workers do not share a
  thread. One session can not use more than one.
- **aes128-gcm.** It is the first cipher offered; chacha20-poly1305 costs about a quarter of the speed on
  processors with AES instructions.
`;

function head(environment) {
  return `# Performance

Generated by \`npm run bench\`; do not edit. Real OpenSSH client and server on loopback, the sidecar with
recording on and 1,000 rules. Loopback is the worst case for ratios: on a network the wire is slower than
all of this.

${table(
  ["Node", "OpenSSL", "OpenSSH", "kernel", "processors", "memory", "native cipher addon"],
  [
    [
      environment.node,
      environment.openssl,
      environment.ssh,
      environment.kernel,
      environment.processors,
      `${environment.memoryGB} GB`,
      environment.addon,
    ],
  ],
)}
To run it again: \`npm ci && npm run bench\`; single parts: \`npm run bench -- --only throughput,keys\`
(\`throughput\`, \`cpu\`, \`keys\`, \`setup\`, \`memory\`, \`core\`, \`profile\`).
`;
}

function medianAndMean({ median, mean }) {
  return `${median.toFixed(1)} (${mean.toFixed(1)})`;
}

function table(columns, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return `${[line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}
