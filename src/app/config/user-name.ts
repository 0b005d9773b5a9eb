import { err, ok, type Result } from "../../kernel/index.js";
import type { Access, AccountConfig, TargetConfig } from "./config.js";

const FIELDS = ["person", "account", "target"] as const;
type Field = (typeof FIELDS)[number];

/** A template taken apart: fields and the literal text around them, in order. */
export type Template = readonly (
  | { readonly type: "field"; readonly field: Field }
  | { readonly type: "literal"; readonly text: string }
)[];

/** Why a text is no template, in words that go on after its name. */
export function parseTemplate(text: string): Result<Template, string> {
  const parts: Template[number][] = [];
  let rest = text;
  while (rest !== "") {
    const field = /^\{(?<field>[a-z]+)\}/.exec(rest)?.groups?.["field"];
    const known = FIELDS.find((one) => one === field);
    if (field !== undefined && known === undefined) return err(`has an unknown field {${field}}`);
    if (known !== undefined) {
      if (parts.at(-1)?.type === "field") return err("has two fields with nothing between them");
      if (parts.some((part) => part.type === "field" && part.field === known)) {
        return err(`has {${known}} twice`);
      }
      parts.push({ type: "field", field: known });
      rest = rest.slice(known.length + 2);
      continue;
    }
    const literal = /^[^{]+/.exec(rest)?.[0];
    if (literal === undefined) return err("has a `{` that opens no field");
    if (/[%:\s]/.test(literal)) {
      return err(
        "separates with `%`, `:` or a space, which ssh and scp understand in their own way",
      );
    }
    if (/[A-Za-z0-9._$\\-]/.test(literal)) {
      return err("separates with a character that names may hold");
    }
    parts.push({ type: "literal", text: literal });
    rest = rest.slice(literal.length);
  }
  if (!parts.some((part) => part.type === "field" && part.field === "person")) {
    return err("has no {person}");
  }
  return ok(parts);
}

/** What the SSH user name says, before anybody has proved anything. */
export interface Claim {
  readonly person: string;
  readonly account?: string;
  readonly target?: string;
}

/** A longer user name is nobody's; the parser does not look at it. */
const USER_NAME_LENGTH_MAX = 512;
const PERSON = /^[A-Za-z0-9_][A-Za-z0-9._@-]{0,127}$/;
const ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9._$\\-]{0,63}$/;

/**
 * Reads a user name by the first template that fits, **from the right**: a target is what stands
 * after the last separator, so that nothing a person puts into their own name can choose another
 * one. A template fits only when its target exists; then no later template is tried. Null when none
 * fits. `templates` were accepted by `parseTemplate`.
 */
export function parseUserName(
  templates: readonly string[],
  userName: string,
  targets: ReadonlySet<string>,
): Claim | null {
  if (userName.length > USER_NAME_LENGTH_MAX) return null;
  for (const text of templates) {
    const template = parseTemplate(text);
    const fields = template.ok ? matchFromRight(template.value, userName) : null;
    if (fields === null) continue;
    const { person, account, target } = fields;
    if (person === undefined || !PERSON.test(person)) continue;
    if (account !== undefined && !ACCOUNT.test(account)) continue;
    if (target !== undefined && !targets.has(target)) continue;
    return {
      person,
      ...(account === undefined ? {} : { account }),
      ...(target === undefined ? {} : { target }),
    };
  }
  return null;
}

function matchFromRight(template: Template, text: string): Partial<Record<Field, string>> | null {
  const fields: Partial<Record<Field, string>> = {};
  let rest = text;
  for (let i = template.length - 1; i >= 0; i -= 1) {
    const part = template[i];
    if (part === undefined) continue;
    if (part.type === "literal") {
      if (!rest.endsWith(part.text)) return null;
      rest = rest.slice(0, rest.length - part.text.length);
      continue;
    }
    const before = template[i - 1];
    // Fields never stand side by side: what is before one is a literal, or the start.
    const start =
      before?.type === "literal" ? rest.lastIndexOf(before.text) + before.text.length : 0;
    if (before?.type === "literal" && !rest.includes(before.text)) return null;
    fields[part.field] = rest.slice(start);
    rest = rest.slice(0, start);
  }
  return rest === "" ? fields : null;
}

export interface Destination {
  readonly target: TargetConfig;
  readonly account: string;
  /** How to log in to the target; absent on an embedded target. */
  readonly credential?: AccountConfig["credential"];
}

/**
 * The target and account of a claim, for a person who has proved who they are. What the claim leaves
 * out is chosen only when there is exactly one possibility (for an account also: the one that is
 * named like the person). The error is for the log and for the person, who is authenticated by now.
 */
export function chooseDestination(
  claim: Claim,
  person: { readonly name: string; readonly groups: readonly string[] },
  targets: readonly TargetConfig[],
): Result<Destination, string> {
  const open = targets.filter((target) => mayUse(target.access, person));
  const named = claim.target === undefined ? open : open.filter((t) => t.name === claim.target);
  const [target, ...others] = named;
  if (target === undefined) {
    return err(
      claim.target === undefined
        ? "there is no target for you"
        : `the target ${claim.target} is not for you`,
    );
  }
  if (others.length > 0) {
    const names = named.map((one) => one.name).join(", ");
    return err(`say which target: ${person.name}@TARGET, one of ${names}`);
  }
  return chooseAccount(claim, person, target);
}

function chooseAccount(
  claim: Claim,
  person: { readonly name: string; readonly groups: readonly string[] },
  target: TargetConfig,
): Result<Destination, string> {
  if (target.type === "embedded") {
    return claim.account === undefined || claim.account === target.account
      ? ok({ target, account: target.account })
      : err(`${target.name} has no account ${claim.account}`);
  }
  const open = target.accounts.filter((account) => mayUse(account.access, person));
  const wanted = claim.account ?? (open.length === 1 ? open[0]?.name : person.name);
  const account = open.find((one) => one.name === wanted);
  if (account !== undefined) {
    return ok({ target, account: account.name, credential: account.credential });
  }
  if (claim.account !== undefined) {
    return err(`${target.name} has no account ${claim.account} for you`);
  }
  if (open.length === 0) return err(`${target.name} has no account for you`);
  const names = open.map((one) => one.name).join(", ");
  return err(`say which account: ${person.name}+ACCOUNT@${target.name}, one of ${names}`);
}

function mayUse(
  access: Access,
  person: { readonly name: string; readonly groups: readonly string[] },
): boolean {
  if (access.people.length === 0 && access.groups.length === 0) return true;
  return (
    access.people.includes(person.name) ||
    access.groups.some((group) => person.groups.includes(group))
  );
}
