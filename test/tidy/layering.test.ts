// The laws are only laws while a breach is reported. Each test plants one breach in a copy of the
// sources and expects the tool whose business it is to name it. (dependency-cruiser once reported
// "no violations" because it had seen no file at all.)
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readProject, ROOT } from "./project.testing.js";

const COPIED = [
  "src",
  "package.json",
  "tsconfig.json",
  "tsconfig.base.json",
  "tsconfig.test.json",
  "eslint.config.mjs",
  ".dependency-cruiser.mjs",
];

let copy = "";

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "chaperone-tidy-"));
  for (const path of COPIED) {
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe("the import table", () => {
  const breaches: readonly {
    what: string;
    rule: string;
    files: Readonly<Record<string, string>>;
  }[] = [
    {
      what: "a core room that reads a file",
      rule: "core-is-pure",
      files: {
        "src/session/planted.ts": `import { readFileSync } from "node:fs";\nexport const planted = readFileSync;\n`,
      },
    },
    {
      what: "a core room that uses a package outside its list",
      rule: "core-is-pure",
      files: {
        "src/terminal/planted.ts": `import { LRUCache } from "lru-cache";\nexport const planted = LRUCache;\n`,
      },
    },
    {
      what: "a room that imports a room it may not know",
      rule: "room-kernel",
      files: {
        "src/kernel/planted.ts": `import { PRIVACY } from "../events/index.js";\nexport const planted = PRIVACY;\n`,
      },
    },
    {
      what: "a protocol that reaches sideways into another",
      rule: "no-sideways-between-protocols",
      files: {
        "src/protocols/planted/codec.ts": "export const codec = 1;\n",
        "src/protocols/ssh/planted.ts": `import { codec } from "../planted/codec.js";\nexport const planted = codec;\n`,
      },
    },
    {
      what: "a kind of sink that uses another kind's code",
      rule: "no-sideways-between-sinks",
      files: {
        "src/sinks/otlp/planted.ts": `import { signWebhook } from "../webhook/index.js";\nexport const planted = signWebhook;\n`,
      },
    },
    {
      what: "somebody who sends mail past the mail sink",
      rule: "one-door-to-brokers-and-mail",
      files: {
        "src/admin/planted.ts": `import { createTransport } from "nodemailer";\nexport const planted = createTransport;\n`,
      },
    },
    {
      what: "a package that everybody would load and few need",
      rule: "only-where-used",
      files: {
        "src/core/store/planted.ts": `import pg from "pg";\nexport const planted = pg;\n`,
      },
    },
    {
      what: "ssh2 entered elsewhere than by its one door",
      rule: "one-door-to-ssh2",
      files: {
        "src/runtime/planted-library.ts": `import ssh2 from "ssh2";\nexport const planted = ssh2;\n`,
      },
    },
    {
      what: "two files that import each other",
      rule: "no-cycles",
      files: {
        "src/kernel/planted-one.ts": `import { other } from "./planted-too.js";\nexport const planted = (): unknown => other;\n`,
        "src/kernel/planted-too.ts": `import { planted } from "./planted-one.js";\nexport const other = (): unknown => planted;\n`,
      },
    },
    {
      what: "a product file that leans on the tests",
      rule: "testing-is-for-tests",
      files: {
        "src/runtime/planted-seed.ts": `import { seed } from "../testing/seed.js";\nexport const planted = seed;\n`,
      },
    },
  ];

  let report: CruiseReport = { modules: 0, violations: [] };

  // All of them at once: to look through the whole project takes seconds.
  beforeAll(() => {
    const all = Object.assign({}, ...breaches.map(({ files }) => files)) as Record<string, string>;
    withPlanted(all, () => {
      report = cruise();
    });
  });

  it("is held against the whole project", () => {
    expect(report.modules).toBeGreaterThan(50);
  });

  it.each(breaches)("reports $what", ({ rule, files }) => {
    const hits = report.violations.filter((violation) => violation.rule.name === rule);
    const found = hits.map((hit) => hit.from).filter((from) => from in files);
    expect(found).not.toEqual([]);
  });
});

describe("lint", () => {
  const breaches: readonly { what: string; says: RegExp; source: string }[] = [
    {
      what: "a clock in the core",
      says: /the core has no clock/,
      source: "export const planted = (): number => Date.now();\n",
    },
    {
      what: "a new Date in the core",
      says: /the core has no clock/,
      source: "export const planted = (): Date => new Date();\n",
    },
    {
      what: "randomness in the core",
      says: /the core has no randomness/,
      source: "export const planted = (): number => Math.random();\n",
    },
    {
      what: "async in the core",
      says: /the core is synchronous/,
      source:
        "export async function planted(wait: Promise<number>): Promise<number> {\n  return await wait;\n}\n",
    },
    {
      what: "a node: import in the core",
      says: /the core does no I\/O/,
      source: `import { readFileSync } from "node:fs";\nexport const planted = readFileSync;\n`,
    },
    {
      what: "a timer in the core",
      says: /setTimeout/,
      source: "export const planted = (): unknown => setTimeout(() => undefined, 1);\n",
    },
    {
      what: "a switch that forgets a kind",
      says: /switch-exhaustiveness-check/,
      source: `export function planted(kind: "open" | "held"): number {
  switch (kind) {
    case "open":
      return 1;
  }
  return 0;
}
`,
    },
    {
      what: "any",
      says: /no-explicit-any/,
      source: "export const planted = (value: any): unknown => value;\n",
    },
    {
      what: "a default export",
      says: /no-restricted-exports/,
      source: "export default function planted(): number {\n  return 1;\n}\n",
    },
  ];

  it("reports each of them where it is planted", () => {
    const files = Object.fromEntries(
      breaches.map(({ source }, index) => [`src/session/planted-${index}.ts`, source]),
    );
    withPlanted(files, () => {
      const found = lint(Object.keys(files));
      const missing = breaches.filter(
        ({ says }, index) =>
          !(found.get(`src/session/planted-${index}.ts`) ?? []).some((message) =>
            says.test(message),
          ),
      );
      expect(missing.map(({ what }) => what)).toEqual([]);
    });
  });
});

describe("the compiler", () => {
  it("reports a switch closed by unreachable() when a kind is not answered", () => {
    const source = `import { unreachable } from "./invariant.js";
export function planted(kind: "open" | "held"): number {
  switch (kind) {
    case "open":
      return 1;
    default:
      return unreachable(kind);
  }
}
`;
    expect(compileKernel(source)).toMatch(/planted\.ts.*error TS2345/);
  });

  it("knows no Node types in the core", () => {
    expect(compileKernel("export const planted = Buffer.from([1]);\n")).toMatch(
      /planted\.ts.*error TS2591|planted\.ts.*error TS2304|planted\.ts.*error TS2580/,
    );
  });

  it("refuses what can not be erased: enums", () => {
    expect(compileKernel("export enum Planted {\n  Open,\n}\n")).toMatch(
      /planted\.ts.*error TS1294/,
    );
  });
});

function withPlanted(files: Readonly<Record<string, string>>, look: () => void): void {
  const paths = Object.keys(files).map((path) => join(copy, path));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  try {
    look();
  } finally {
    for (const path of paths) rmSync(path);
  }
}

interface CruiseReport {
  readonly modules: number;
  readonly violations: readonly {
    readonly from: string;
    readonly rule: { readonly name: string };
  }[];
}

function cruise(): CruiseReport {
  const run = spawnSync(
    join(ROOT, "node_modules/.bin/depcruise"),
    [...layersCommand(), "--output-type", "json"],
    { cwd: copy, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  if (run.stdout === "") throw new Error(run.stderr);
  const report = JSON.parse(run.stdout) as {
    modules: readonly unknown[];
    summary: { violations: CruiseReport["violations"] };
  };
  return { modules: report.modules.length, violations: report.summary.violations };
}

/** The arguments of `npm run check:layers`: what is tested here is what is run there. */
function layersCommand(): readonly string[] {
  const { scripts } = JSON.parse(readProject("package.json")) as {
    scripts: Record<string, string>;
  };
  return (scripts["check:layers"] ?? "").split(" ").slice(1);
}

function lint(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const run = spawnSync(join(ROOT, "node_modules/.bin/eslint"), ["--format", "json", ...paths], {
    cwd: copy,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.stdout === "") throw new Error(run.stderr);
  const results = JSON.parse(run.stdout) as {
    filePath: string;
    messages: { ruleId: string | null; message: string }[];
  }[];
  return new Map(
    results.map(({ filePath, messages }) => [
      filePath.slice(filePath.indexOf("/src/session/") + 1),
      messages.map(({ ruleId, message }) => `${ruleId ?? ""} ${message}`),
    ]),
  );
}

/** Compiles the kernel alone, with the compiler options of the core, plus one planted file. */
function compileKernel(source: string): string {
  const path = "src/kernel/planted.ts";
  let output = "";
  withPlanted({ [path]: source }, () => {
    const project = join(copy, "src/tsconfig.planted.json");
    writeFileSync(
      project,
      JSON.stringify({
        extends: "./tsconfig.core.json",
        include: [],
        files: ["kernel/planted.ts"],
        compilerOptions: { noEmit: true, composite: false, tsBuildInfoFile: null },
      }),
    );
    const run = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", project], {
      cwd: copy,
      encoding: "utf8",
    });
    output = run.stdout;
  });
  return output;
}
