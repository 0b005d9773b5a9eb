/** What a page has to permit so that our script runs and can report. */
export interface ScriptNeeds {
  /** `https://wiki.example/.chaperone/`: everything of ours is below it. */
  readonly folder: string;
  readonly nonce: string;
}

/**
 * A `Content-Security-Policy` (level 3) that permits our script beside what it permits already, and nothing
 * else. A nonce switches `'unsafe-inline'` off, so that where a page lives by that the address is named.
 */
export function permitScript(policy: string, needs: ScriptNeeds): string {
  // Several policies in one field are joined by commas; each of them has to permit it.
  return policy
    .split(",")
    .map((one) => permitIn(one, needs))
    .join(",");
}

type Directive = readonly [name: string, values: readonly string[]];

function permitIn(policy: string, { folder, nonce }: ScriptNeeds): string {
  const directives = policy
    .split(";")
    .map((text) => text.trim().split(/\s+/))
    .flatMap(([name = "", ...values]): readonly Directive[] =>
      name === "" ? [] : [[name.toLowerCase(), values]],
    );
  const first = new Map<string, readonly string[]>();
  // The first of a name counts.
  for (const [name, values] of directives) if (!first.has(name)) first.set(name, values);
  const changes = new Map<string, readonly string[]>();
  const script = firstOf(first, ["script-src-elem", "script-src", "default-src"]);
  if (script !== null && !runs(script.values, folder)) {
    const inline = script.values.some((one) => one.toLowerCase() === "'unsafe-inline'");
    const strict = script.values.some((one) => STRICT.test(one));
    const source = inline && !strict ? folder : `'nonce-${nonce}'`;
    changes.set(script.own("script-src-elem", "script-src"), joined(script.values, source));
  }
  const connect = firstOf(first, ["connect-src", "default-src"]);
  if (connect !== null && !allows(connect.values, folder)) {
    changes.set("connect-src", joined(connect.values, folder));
  }
  const frame = firstOf(first, ["frame-src", "child-src", "default-src"]);
  if (frame !== null && !allows(frame.values, folder)) {
    changes.set("frame-src", joined(frame.values, folder));
  }
  if (changes.size === 0) return policy;
  const kept = directives.filter(([name]) => !changes.has(name));
  return [...kept, ...changes].map(([name, values]) => [name, ...values].join(" ")).join("; ");
}

/** A nonce or a hash makes `'unsafe-inline'` mean nothing; `'strict-dynamic'` makes addresses mean nothing. */
const STRICT = /^'(?:nonce-|sha256-|sha384-|sha512-|strict-dynamic)/i;

function firstOf(
  first: ReadonlyMap<string, readonly string[]>,
  names: readonly string[],
): { readonly values: readonly string[]; own(...mine: readonly string[]): string } | null {
  for (const name of names) {
    const values = first.get(name);
    // What falls back on another directive gets one of its own, with what that one says.
    if (values !== undefined) {
      return { values, own: (...mine) => (mine.includes(name) ? name : (mine.at(-1) ?? name)) };
    }
  }
  return null;
}

function runs(values: readonly string[], folder: string): boolean {
  const strict = values.some((one) => /^'strict-dynamic'$/i.test(one));
  return !strict && allows(values, folder);
}

function allows(values: readonly string[], folder: string): boolean {
  return values.some((one) => {
    const value = one.toLowerCase();
    return value === "'self'" || value === "*" || value === schemeOf(folder);
  });
}

function schemeOf(folder: string): string {
  return folder.slice(0, folder.indexOf(":") + 1);
}

function joined(values: readonly string[], more: string): readonly string[] {
  return [...values.filter((one) => one.toLowerCase() !== "'none'"), more];
}
