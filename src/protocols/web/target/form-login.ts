import { err, fault, ok, type Fault, type Result } from "../../../kernel/index.js";
import type { HttpPool } from "../../../net/index.js";
import type { HeaderField } from "../head/request-head.js";
import type { WebCredential } from "../ports.js";
import { createCookieJar, type CookieJar } from "./cookie-jar.js";

type FormCredential = Extract<WebCredential, { type: "form" }>;

/** A log-in page is some tens of KiB. */
const PAGE_BYTES_MAX = 1024 * 1024;
const LOGIN_MS = 20_000;

/**
 * Fills the application's log-in form in as a browser would: gets the page with its hidden fields (tokens
 * against forgery) and cookies, posts it with the account's name and password, keeps the cookies in the
 * jar. Taken for success: any answer that is no error and does not lead back to the form.
 */
export async function logIn(
  pool: HttpPool,
  credential: FormCredential,
  { authority, jar, fields }: LoginFacts,
): Promise<Result<void, Fault>> {
  const visit = createCookieJar();
  const page = await ask(pool, {
    method: "GET",
    path: credential.path,
    authority,
    jar: visit,
    fields,
  });
  if (!page.ok) return page;
  visit.fill(page.value.cookies);
  const form = new URLSearchParams(hiddenFields(page.value.body));
  form.set(credential.userField, credential.user);
  credential.password.reveal((bytes) =>
    form.set(credential.passwordField, Buffer.from(bytes).toString("utf8")),
  );
  const path = credential.action ?? credential.path;
  const body = Buffer.from(form.toString());
  const posted = await ask(pool, { method: "POST", path, authority, jar: visit, fields, body });
  body.fill(0);
  if (!posted.ok) return posted;
  const { status, location, cookies } = posted.value;
  if (status >= 400 || leadsBack(location, credential.path)) {
    return err(fault("CHP_WEB_LOGIN", `the form at ${credential.path} answered ${status}`));
  }
  jar.fill([...page.value.cookies, ...cookies]);
  return ok(undefined);
}

export interface LoginFacts {
  readonly authority: string;
  readonly jar: CookieJar;
  /** What else every request of this session carries. */
  readonly fields: readonly HeaderField[];
}

/** True when an answer sends the person to the log-in form: the application has forgotten us. */
export function leadsBack(location: string | undefined, path: string): boolean {
  if (location === undefined) return false;
  const target = URL.canParse(location, "http://target.invalid")
    ? new URL(location, "http://target.invalid").pathname
    : "";
  return target === path;
}

interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly authority: string;
  readonly jar: CookieJar;
  readonly fields: readonly HeaderField[];
  readonly body?: Uint8Array;
}

interface Answered {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookies: readonly string[];
  readonly body: string;
}

function ask(pool: HttpPool, asked: Asked): Promise<Result<Answered, Fault>> {
  const { method, path, authority, jar, body } = asked;
  const cookie = jar.header(undefined);
  const headers = [
    ...["host", authority, "accept", "text/html,*/*", "user-agent", "Mozilla/5.0 (chaperone)"],
    ...asked.fields.flat(),
    ...(cookie === undefined ? [] : ["cookie", cookie]),
    ...(body === undefined ? [] : ["content-type", "application/x-www-form-urlencoded"]),
  ];
  return new Promise((settled) => {
    let status = 0;
    let fields: readonly HeaderField[] = [];
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    const failed = (why: string): void => {
      clearTimeout(timer);
      settled(err(fault("CHP_WEB_TARGET", `log-in form: ${why}`)));
    };
    let abort = (): void => undefined;
    const timer = setTimeout(() => {
      abort();
      failed("no answer in time");
    }, LOGIN_MS);
    pool.send(
      { method, path, headers, body: body ?? null },
      {
        begins: (control) => (abort = () => control.abort()),
        head(code, got) {
          status = code;
          fields = got;
        },
        data(piece) {
          bytes += piece.length;
          if (bytes <= PAGE_BYTES_MAX) pieces.push(Uint8Array.from(piece));
        },
        end() {
          clearTimeout(timer);
          settled(
            ok({
              status,
              location: fields.find(([name]) => name === "location")?.[1],
              cookies: fields.flatMap(([name, value]) => (name === "set-cookie" ? [value] : [])),
              body: Buffer.concat(pieces).toString("utf8"),
            }),
          );
        },
        failed: (error) => failed(error.message),
      },
    );
  });
}

/** `<input type="hidden" name="csrf" value="...">`, in whatever order the attributes stand. */
export function hiddenFields(html: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [tag] of html.matchAll(/<input\b[^>]{0,4096}>/gi)) {
    if (attribute(tag, "type")?.toLowerCase() !== "hidden") continue;
    const name = attribute(tag, "name");
    if (name !== undefined) fields[name] = attribute(tag, "value") ?? "";
  }
  return fields;
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, "i").exec(
    tag,
  );
  const text = match?.[1] ?? match?.[2] ?? match?.[3];
  return text?.replace(/&(?:amp|#38|quot|#34|#39|lt|gt);/g, (one) => ENTITIES[one] ?? one);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&#38;": "&",
  "&quot;": '"',
  "&#34;": '"',
  "&#39;": "'",
  "&lt;": "<",
  "&gt;": ">",
};
