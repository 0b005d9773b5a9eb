import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { jsonAnswer, htmlAnswer, type PageAnswer } from "./answer.js";
import type { PageRequest } from "./page-request.js";
import type { PagesPorts } from "./ports.js";
import { PLAYER } from "./viewing-assets.js";
import { viewingPage } from "./viewing-page.js";

/** Pages that show a desktop: what happens below `/v/<token>`. */
export async function viewing(
  { site, viewings }: PagesPorts,
  { token, act }: { readonly token: string; readonly act: string },
  request: PageRequest,
): Promise<PageAnswer | "unknown"> {
  const claim = claimIn(request.cookie);
  const sight = viewings.look(token, claim);
  if (sight === null) return "unknown";
  const base = `/v/${token}`;
  if (request.method === "GET" && act === "") return htmlAnswer(viewingPage(sight, { site, base }));
  // Not with the page itself: what looks at links before a person does would take it from them.
  if (request.method === "POST" && act === "open") {
    const given = viewings.open(token);
    if (given === null) return sight.state === "opened" ? OPENED : TAKEN;
    const flags = `Path=${base}; HttpOnly; SameSite=Strict${request.secure ? "; Secure" : ""}`;
    return { ...OPENED, headers: { "set-cookie": `${COOKIE}=${given}; ${flags}` } };
  }
  if (request.method !== "GET" || act !== "stream") return "unknown";
  if (sight.state !== "opened") return TAKEN;
  const stream = await viewings.watch(token, claim);
  return stream === null ? OVER : { status: 200, type: "text", body: "", stream };
}

const COOKIE = "chaperone-viewing";
const OPENED = jsonAnswer({ outcome: "opened" });
const TAKEN = jsonAnswer({ outcome: "taken" }, 409);
const OVER = jsonAnswer({ outcome: "over" }, 410);

function claimIn(cookie: string | undefined): string {
  const found = (cookie ?? "").split(/; */).find((one) => one.startsWith(`${COOKIE}=`));
  return found?.slice(COOKIE.length + 1) ?? "";
}

export const VIEWING_ASSETS: Readonly<Record<string, PageAnswer>> = {
  "/assets/viewing.js": { status: 200, type: "script", body: PLAYER },
  "/assets/guacamole.js": {
    status: 200,
    type: "script",
    // Read when it is asked for first: most sidecars never are.
    get body() {
      return clientOfGuacamole();
    },
  },
};

let client: string | null = null;

/** The client of the Guacamole project, as a module for browsers (guacamole-common-js, Apache 2.0). */
function clientOfGuacamole(): string {
  const { resolve } = createRequire(import.meta.url);
  const file = new URL(
    "../esm/guacamole-common.min.js",
    `file://${resolve("guacamole-common-js")}`,
  );
  client ??= readFileSync(file, "utf8");
  return client;
}
