// The import table of ARCHITECTURE.md as law. A room may import what stands behind it, nothing else.
const CORE = ["kernel", "events", "model", "terminal", "shell", "rules", "behaviour", "session"];

/** room -> rooms it may import (its own folder is always allowed). */
export const MAY_IMPORT = {
  kernel: [],
  events: ["kernel"],
  model: ["kernel", "events"],
  terminal: ["kernel", "model"],
  shell: ["kernel", "model"],
  rules: ["kernel", "model", "shell"],
  behaviour: ["kernel", "model", "terminal"],
  session: ["kernel", "events", "model", "terminal", "shell", "rules", "behaviour"],
  sealing: ["kernel"],
  net: ["kernel"],
  protocols: ["kernel", "model", "events", "session", "net"],
  identity: ["kernel", "net"],
  recording: ["kernel", "events", "model", "sealing"],
  sinks: ["kernel", "events", "net"],
  core: ["kernel", "events", "model", "behaviour", "net"],
  runtime: ["kernel", "events", "model", "session", "sealing"],
  admin: ["kernel", "events", "net"],
};

/** npm packages the core may use: pure, without ambient types. */
export const CORE_PACKAGES = ["unbash", "re2js", "simple-statistics", "yaml", "fflate"];

const rooms = Object.entries(MAY_IMPORT).map(([room, others]) => ({
  name: `room-${room}`,
  comment: `${room}/ may import only: ${others.join(", ") || "nothing"}`,
  severity: "error",
  from: { path: `^src/${room}/`, pathNot: "\\.(test|testing)\\.ts$" },
  to: { path: "^src/", pathNot: `^src/(${[room, ...others].join("|")})/` },
}));

export default {
  forbidden: [
    ...rooms,
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "core-is-pure",
      comment: "kernel to session import no node: module and only the pure packages listed",
      severity: "error",
      from: { path: `^src/(${CORE.join("|")})/`, pathNot: "\\.(test|testing)\\.ts$" },
      to: {
        dependencyTypes: [
          "core",
          "npm",
          "npm-dev",
          "npm-optional",
          "npm-peer",
          "npm-no-pkg",
          "npm-unknown",
        ],
        pathNot: `node_modules/(${CORE_PACKAGES.join("|")})/`,
      },
    },
    {
      name: "no-sideways-between-protocols",
      severity: "error",
      from: { path: "^src/protocols/([^/]+)/" },
      to: { path: "^src/protocols/([^/]+)/", pathNot: "^src/protocols/$1/" },
    },
    {
      name: "no-sideways-between-sinks",
      comment: "a kind of sink knows what all kinds share, and no other kind",
      severity: "error",
      from: { path: "^src/sinks/([^/]+)/", pathNot: "^src/sinks/(courier|format)/" },
      to: { path: "^src/sinks/([^/]+)/", pathNot: "^src/sinks/($1|courier|format)/" },
    },
    {
      name: "one-door-to-brokers-and-mail",
      comment: "nodemailer and NATS are entered only by their kind of sink",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/sinks/(smtp|nats)/|\\.(test|testing)\\.ts$" },
      to: { path: "node_modules/(nodemailer|@nats-io)/" },
    },
    {
      name: "one-door-to-age",
      comment: "age-encryption is entered only by recording/age",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/recording/age/|\\.(test|testing)\\.ts$" },
      to: { path: "node_modules/age-encryption/" },
    },
    {
      name: "one-door-to-ssh2",
      comment: "ssh2 is entered only by protocols/ssh/door",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/protocols/ssh/door/|\\.(test|testing)\\.ts$" },
      to: { path: "node_modules/ssh2/" },
    },
    {
      name: "only-where-used",
      comment:
        "what few configurations need is loaded when one does: import type, and await import() at the door",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.(test|testing)\\.ts$" },
      to: {
        path: "node_modules/(nodemailer|@nats-io|pg|undici|age-encryption)/",
        dynamic: false,
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "no-unresolvable",
      severity: "error",
      from: { path: "^src/" },
      to: { couldNotResolve: true },
    },
    {
      name: "testing-is-for-tests",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/testing/|\\.(test|testing)\\.ts$" },
      to: { path: "^src/testing/|\\.(test|testing)\\.ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".js", ".mjs"],
    },
    builtInModules: { add: [] },
  },
};
