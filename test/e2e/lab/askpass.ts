import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a person types when the client asks: the first row whose words are in the question counts. */
export type Answers = readonly (readonly [question: RegExp, answer: string])[];

/**
 * Environment in which `ssh` answers questions by itself, as a person at the keyboard would; to be used
 * with the option `BatchMode=no`. Every question is noted in `asked`.
 */
export function answering(
  folder: string,
  answers: Answers,
): { readonly env: Readonly<Record<string, string>>; readonly asked: string } {
  const mark = `${process.pid}-${(made += 1)}`;
  const asked = join(folder, `asked-${mark}`);
  writeFileSync(asked, "");
  const program = join(folder, `askpass-${mark}.mjs`);
  const rows = answers.map(([question, answer]) => [question.source, answer]);
  writeFileSync(
    program,
    [
      `#!${process.execPath}`,
      'import { appendFileSync } from "node:fs";',
      'const question = process.argv[2] ?? "";',
      `appendFileSync(${JSON.stringify(asked)}, question + "\\n");`,
      `const row = ${JSON.stringify(rows)}.find(([words]) => new RegExp(words, "i").test(question));`,
      'console.log(row?.[1] ?? "");',
      "",
    ].join("\n"),
    { mode: 0o700 },
  );
  return { env: { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" }, asked };
}

let made = 0;
