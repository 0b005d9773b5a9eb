import { readFileSync } from "node:fs";
import { describeError, err, fault, type Fault, ok, type Result } from "../../../kernel/index.js";
import type { AdminListener, AdminRole } from "../../config/index.js";
import { textOf, type CommandCall, type CommandOption } from "../command.js";
import { loadCalledConfig } from "../find-config.js";

/** Where a control API is, and what proves us to it. */
export interface ApiAddress {
  readonly url: URL;
  readonly token: string;
  /** Certificates that are trusted besides the usual ones. */
  readonly ca?: Buffer;
  /** The address is our own configuration's: its certificate is known, whatever name it has. */
  readonly own: boolean;
}

export const ADDRESS_OPTIONS: Readonly<Record<string, CommandOption>> = {
  config: {
    type: "string",
    value: "FILE",
    help: "the configuration of the sidecar, which names address and token; as for `chaperone run`",
  },
  url: {
    type: "string",
    value: "URL",
    help: "the control API instead; or CHAPERONE_URL",
  },
  "token-file": {
    type: "string",
    value: "FILE",
    help: "file with the token for --url; or CHAPERONE_TOKEN_FILE, or the token in CHAPERONE_TOKEN",
  },
  ca: {
    type: "string",
    value: "FILE",
    help: "certificates to trust for --url (PEM); or CHAPERONE_CA",
  },
};

/** From the options, the environment, or the configuration: the first that says something. */
export function findApi(call: CommandCall): Result<ApiAddress, readonly Fault[]> {
  const given = textOf(call, "url") ?? call.env["CHAPERONE_URL"];
  if (given !== undefined) return atUrl(given, call);
  const config = loadCalledConfig(call);
  if (!config.ok) return config;
  const { admin } = config.value.listen;
  if (admin === undefined) {
    return failed("CHP_CTL_NO_API", `${config.value.file} has no \`listen.admin\``);
  }
  return ofListener(admin);
}

function atUrl(text: string, call: CommandCall): Result<ApiAddress, readonly Fault[]> {
  if (!URL.canParse(text)) return failed("CHP_CTL_NO_API", `${text} is no URL`);
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return failed("CHP_CTL_NO_API", `${text} is neither http nor https`);
  }
  const file = textOf(call, "token-file") ?? call.env["CHAPERONE_TOKEN_FILE"];
  const token =
    file === undefined ? ok(call.env["CHAPERONE_TOKEN"] ?? "") : read(file, "CHP_CTL_TOKEN");
  if (!token.ok) return token;
  if (token.value === "") return failed("CHP_CTL_TOKEN", "no token is given for this URL");
  const caFile = textOf(call, "ca") ?? call.env["CHAPERONE_CA"];
  const ca = caFile === undefined ? ok("") : read(caFile, "CHP_CTL_NO_API");
  if (!ca.ok) return ca;
  return ok({
    url,
    token: token.value,
    own: false,
    ...(ca.value === "" ? {} : { ca: Buffer.from(ca.value) }),
  });
}

const RANK: Readonly<Record<AdminRole, number>> = { admin: 2, operator: 1, viewer: 0 };

/** With the highest token that this user may read. */
function ofListener(listener: AdminListener): Result<ApiAddress, readonly Fault[]> {
  const host = reachable(listener.address);
  const scheme = listener.tls === undefined ? "http" : "https";
  const url = new URL(`${scheme}://${host.includes(":") ? `[${host}]` : host}:${listener.port}`);
  const ca = listener.tls === undefined ? ok("") : read(listener.tls.cert, "CHP_CTL_NO_API");
  if (!ca.ok) return ca;
  const best = [...listener.tokens].sort((a, b) => RANK[b.role] - RANK[a.role]);
  const unreadable: Fault[] = [];
  for (const { file } of best) {
    const token = read(file, "CHP_CTL_TOKEN");
    if (token.ok) {
      const trusted = ca.value === "" ? {} : { ca: Buffer.from(ca.value) };
      return ok({ url, token: token.value, own: true, ...trusted });
    }
    unreadable.push(...token.error);
  }
  return unreadable.length > 0
    ? err(unreadable)
    : failed("CHP_CTL_TOKEN", "`listen.admin` has no tokens: give --url and --token-file");
}

/** An address that means "every one" can be bound, not connected to. */
function reachable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}

function read(file: string, code: CtlCode): Result<string, readonly Fault[]> {
  try {
    return ok(readFileSync(file, "utf8").trim());
  } catch (error) {
    return failed(code, describeError(error));
  }
}

type CtlCode = "CHP_CTL_NO_API" | "CHP_CTL_TOKEN";

function failed(code: CtlCode, message: string): Result<never, readonly Fault[]> {
  return err([fault(code, message)]);
}
