// Lint is law here: the core stays pure (no clock, no randomness, no async), switches stay exhaustive,
// files and functions stay short enough to be read. Each restriction says what to do instead.
import js from "@eslint/js";
import tseslint from "typescript-eslint";

const CORE = [
  "kernel",
  "events",
  "model",
  "terminal",
  "shell",
  "rules",
  "behaviour",
  "session",
].map((room) => `src/${room}/**/*.ts`);
const TESTS = [
  "**/*.test.ts",
  "**/*.testing.ts",
  "src/testing/**",
  "test/**",
  "bench/**",
  "scripts/**",
];

/**
 * Counts the lines that belong to a function itself, not to the functions inside it: a factory that
 * holds a dozen short deeds together is not long, one deed of ninety lines is.
 */
const ownLines = {
  meta: {
    type: "suggestion",
    schema: [{ type: "integer" }],
    messages: {
      long: "{{name}} has {{lines}} lines of its own (most {{max}}): give a part of it a name",
    },
  },
  create(context) {
    const max = context.options[0] ?? 80;
    const stack = [];
    const enter = () => stack.push({ inner: 0 });
    const leave = (node) => {
      const total = node.loc.end.line - node.loc.start.line + 1;
      const { inner } = stack.pop();
      const outer = stack.at(-1);
      if (outer !== undefined) outer.inner += total;
      const lines = total - inner;
      if (lines > max)
        context.report({
          node,
          messageId: "long",
          data: { name: node.id?.name ?? "this function", lines: String(lines), max: String(max) },
        });
    };
    return { ":function": enter, ":function:exit": leave };
  },
};

const impure = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "the core has no clock: take `wall` from the Input",
  },
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: "the core has no clock: take `at` or `wall` from the Input",
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: "the core has no randomness: take it as an argument",
  },
  {
    selector: ":function[async=true]",
    message: "the core is synchronous: ask by Effect, be answered by Input",
  },
  {
    selector: "AwaitExpression",
    message: "the core is synchronous: ask by Effect, be answered by Input",
  },
  { selector: "ImportExpression", message: "the core imports statically" },
];

export default tseslint.config(
  { ignores: ["dist/**", "node_modules/**", "coverage/**", "var/**", "fixtures/**"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((c) => ({ ...c, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    plugins: { house: { rules: { "own-lines": ownLines } } },
    languageOptions: {
      parserOptions: {
        project: ["./src/tsconfig.core.json", "./src/tsconfig.shell.json", "./tsconfig.test.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      "max-params": ["error", 4],
      "max-depth": ["error", 4],
      complexity: ["error", 20],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "house/own-lines": ["error", 80],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
      ],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: CORE,
    ignores: TESTS,
    rules: {
      "no-restricted-syntax": ["error", ...impure],
      "no-restricted-globals": [
        "error",
        "process",
        "Buffer",
        "setTimeout",
        "setInterval",
        "setImmediate",
        "performance",
        "crypto",
        "fetch",
        "globalThis",
        "queueMicrotask",
      ],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["node:*"], message: "the core does no I/O: it is asked for by Effect" },
          ],
        },
      ],
    },
  },
  {
    files: TESTS,
    rules: {
      "house/own-lines": "off",
      "max-lines": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["**/*.mjs", "**/*.js"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        Buffer: "readonly",
        setTimeout: "readonly",
      },
    },
  },
);
