import type { Carrier } from "./carrier.js";

const make: readonly Carrier[] = [
  {
    files: ["-f", "--file", "--makefile"],
    usual: ["GNUmakefile", "makefile", "Makefile"],
    lines: true,
    filled: true,
    pattern: /^\t\s*[@+-]*(.+)$/,
  },
  {
    files: ["-f", "--file", "--makefile"],
    usual: ["GNUmakefile", "makefile", "Makefile"],
    lines: true,
    filled: true,
    pattern: /^[^\t#=:]+:[^=;]*;\s*[@+-]*(.+)$/,
  },
  {
    files: ["-f", "--file", "--makefile"],
    usual: ["GNUmakefile", "makefile", "Makefile"],
    lines: true,
    filled: true,
    pattern: /\$\(shell (.+)\)/,
  },
  { options: ["--eval", "-E"], pattern: /^[^=:]*:[^=;]*;\s*[@+-]*(.+)$/s },
  { options: ["--eval", "-E"], pattern: /\$\(shell (.+)\)/s },
  { options: ["--eval", "-E"], pattern: /\n\t[@+-]*(.+)$/s },
  { words: true, pattern: /^\.?SHELL:?=(.+)$/s },
  { words: true, pattern: /^\w+:?=.*\$\(shell (.+)\)/s },
];
const playbook: readonly Carrier[] = [
  {
    lines: true,
    pattern:
      /^\s*(?:-\s*)?(?:ansible\.(?:builtin|legacy)\.)?(?:shell|command|raw|cmd):\s*["']?(.+?)["']?$/,
  },
];
/** Only scripts: what else stands in the file is text. */
const packaged: readonly Carrier[] = [{ usual: ["package.json"], files: [], scripts: true }];
const supervised: readonly Carrier[] = [
  { files: ["-c", "--configuration"], lines: true, pattern: /^\s*command\s*=\s*(.+)$/ },
];
/** `npm pkg set scripts.x=COMMAND` */
const NPM_SCRIPT: Carrier = { words: true, pattern: /^scripts\.[\w:.-]+=(.+)$/s };
const COMPOSE = ["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"];
/** Installing a folder runs its `setup.py`. */
const setup: readonly Carrier[] = [{ usual: ["setup.py"], files: [], language: "python" }];

/** Programs that build, install or start what lies in the folder where they stand. */
export const BUILD_CARRIERS: readonly (readonly [string, readonly Carrier[]])[] = [
  ["pip", setup],
  ["pip3", setup],
  ["pipx", setup],
  ["easy_install", setup],
  [
    "just",
    [
      {
        files: ["-f", "--justfile"],
        usual: ["justfile", "Justfile", ".justfile"],
        lines: true,
        pattern: /^[ \t]+[@-]*(.+)$/,
      },
    ],
  ],
  [
    "task",
    [
      {
        files: ["-t", "--taskfile"],
        usual: ["Taskfile.yml", "Taskfile.yaml"],
        lines: true,
        pattern: /^\s*-\s+(?:cmd:\s*)?(.+)$/,
      },
    ],
  ],
  ["ansible-playbook", playbook],
  ["supervisord", supervised],
  ["npm", [...packaged, NPM_SCRIPT]],
  ["yarn", packaged],
  ["pnpm", [...packaged, NPM_SCRIPT]],
  ["bun", packaged],
  ["make", make],
  ["gmake", make],
  ["bmake", make],
  ["cmake", [{ usual: ["CMakeLists.txt"], files: [], pattern: /(?:COMMAND)\s+([^)]+?)\s*\)/s }]],
  [
    "rake",
    [
      {
        files: ["-f", "--rakefile"],
        usual: ["Rakefile", "rakefile", "Rakefile.rb"],
        language: "ruby",
      },
    ],
  ],
  [
    "docker-compose",
    [
      {
        files: ["-f"],
        usual: COMPOSE,
        lines: true,
        pattern: /^\s*(?:command|entrypoint):\s*(.+)$/,
      },
    ],
  ],
];
