import { htmlAnswer, jsonAnswer, seeOther, textAnswer, type PageAnswer } from "./answer.js";
import { SCRIPT, STYLE } from "./assets.js";
import { challengePage } from "./challenge-page.js";
import { enrolmentPage } from "./enrolment-page.js";
import { saying } from "./layout.js";
import type { PageRequest } from "./page-request.js";
import type { EnrolmentFactor, PagesPorts } from "./ports.js";
import { viewing, VIEWING_ASSETS } from "./viewing-desk.js";

/** What is answered; `unknown` for a link that opens nothing, which is counted against guessing. */
export interface PageDesk {
  answer(request: PageRequest): Promise<PageAnswer | "unknown">;
  /** What a person sees whose link opens nothing. */
  unknown(): PageAnswer;
}

const LINK = /^\/(?<kind>[cev])\/(?<token>[A-Za-z0-9_-]{22})(?:\/(?<act>[a-z]{3,8}))?$/;
const NAME_LENGTH_MAX = 40;

export function createPageDesk(ports: PagesPorts): PageDesk {
  const { site, challenges, enrolments } = ports;

  async function challenge(token: string, act: string, request: PageRequest): Promise<Answer> {
    const sight = challenges?.look(token) ?? null;
    if (challenges === undefined || sight === null) return "unknown";
    const base = `/c/${token}`;
    if (request.method === "GET") {
      return act === "" ? htmlAnswer(challengePage(sight, { site, base })) : "unknown";
    }
    switch (act) {
      case "deny":
        challenges.deny(token);
        return seeOther(base);
      case "options": {
        const options = await challenges.options(token);
        return options === null ? OVER : jsonAnswer(options);
      }
      case "answer": {
        const answer = jsonOf(request);
        if (answer === null) return BAD;
        return jsonAnswer({ outcome: await challenges.answer(token, answer["response"]) });
      }
      default:
        return "unknown";
    }
  }

  async function enrolment(token: string, act: string, request: PageRequest): Promise<Answer> {
    const claim = claimIn(request.cookie);
    const sight = enrolments.look(token, claim);
    if (sight === null) return "unknown";
    const base = `/e/${token}`;
    if (request.method === "GET") {
      return act === "" ? htmlAnswer(enrolmentPage(sight, { site, base })) : "unknown";
    }
    const origin = request.peer;
    switch (act) {
      case "begin": {
        const factor = factorIn(request);
        const begun = factor === null ? null : enrolments.begin(token, factor);
        return seeOther(base, begun === null ? {} : claimCookie(begun, base, request.secure));
      }
      case "totp": {
        const code = formOf(request)?.get("code");
        if (typeof code !== "string") return BAD;
        const outcome = await enrolments.confirmTotp(token, claim, { code, origin });
        if (outcome !== "wrong" && outcome !== "failed") return seeOther(base);
        const after = enrolments.look(token, claim);
        return after === null
          ? "unknown"
          : htmlAnswer(enrolmentPage(after, { site, base, note: NOTES[outcome] }), 422);
      }
      case "options": {
        const options = await enrolments.keyOptions(token, claim);
        return options === null ? OVER : jsonAnswer(options);
      }
      case "answer": {
        const answer = jsonOf(request);
        if (answer === null) return BAD;
        const name = nameIn(answer["name"]);
        const { response } = answer;
        const outcome = await enrolments.addKey(token, claim, { name, response, origin });
        return jsonAnswer({ outcome });
      }
      default:
        return "unknown";
    }
  }

  return {
    async answer(request) {
      const asset = request.method === "GET" ? ASSETS[request.path] : undefined;
      if (asset !== undefined) return asset;
      const { kind, token = "", act = "" } = LINK.exec(request.path)?.groups ?? {};
      if (kind === "c") return await challenge(token, act, request);
      if (kind === "e") return await enrolment(token, act, request);
      if (kind === "v") return await viewing(ports, { token, act }, request);
      return "unknown";
    },
    unknown: () =>
      htmlAnswer(
        saying({
          site,
          title: "This link opens nothing",
          lines: [
            "It is used up, has expired, or was not copied as a whole.",
            "Ask for a new one.",
          ],
        }),
        404,
      ),
  };
}

type Answer = PageAnswer | "unknown";

const ASSETS: Readonly<Record<string, PageAnswer>> = {
  "/assets/page.css": { status: 200, type: "css", body: STYLE },
  "/assets/page.js": { status: 200, type: "script", body: SCRIPT },
  ...VIEWING_ASSETS,
};
const OVER = jsonAnswer({ outcome: "over" }, 410);
const BAD = textAnswer(400, "this is not what the page sends");
const NOTES = {
  wrong: "That code was not right. Take the one that the app shows now.",
  failed: "It could not be kept just now. Try again.",
};

const COOKIE = "chaperone-enrolment";

/** For this link only, out of reach of scripts, never sent by other sites. */
function claimCookie(
  claim: string,
  path: string,
  secure: boolean,
): Readonly<Record<string, string>> {
  const flags = `Path=${path}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
  return { "set-cookie": `${COOKIE}=${claim}; ${flags}` };
}

function claimIn(cookie: string | undefined): string {
  const found = (cookie ?? "").split(/; */).find((one) => one.startsWith(`${COOKIE}=`));
  return found?.slice(COOKIE.length + 1) ?? "";
}

function formOf({ contentType, body }: PageRequest): URLSearchParams | null {
  return contentType === "application/x-www-form-urlencoded" ? new URLSearchParams(body) : null;
}

function factorIn(request: PageRequest): EnrolmentFactor | null {
  const factor = formOf(request)?.get("factor");
  return factor === "totp" || factor === "webauthn" ? factor : null;
}

function jsonOf({ contentType, body }: PageRequest): Readonly<Record<string, unknown>> | null {
  if (contentType !== "application/json") return null;
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return null;
    return value as Readonly<Record<string, unknown>>; // an object: its fields are unknown still
  } catch {
    return null;
  }
}

/** What the person calls a key stands in lists and tables: one short line. */
function nameIn(value: unknown): string {
  if (typeof value !== "string") return "";
  return value
    .replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, " ")
    .trim()
    .slice(0, NAME_LENGTH_MAX);
}
