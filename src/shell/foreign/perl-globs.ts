/** perl: `</etc/*>` are the files that the pattern matches. */
export function spelledGlobs(code: string): string {
  return code.replace(
    /<([^<>=\s;()]*[*?/~][^<>=;()"]*)>/g,
    (_whole, pattern: string) => `glob("${pattern}")`,
  );
}
