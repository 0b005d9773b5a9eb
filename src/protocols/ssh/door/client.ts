import type { Socket } from "node:net";
import type { AuthHandlerMiddleware, AuthenticationType } from "ssh2";
import { CIPHERS, HOST_KEY_ALGORITHMS, KEX, MACS } from "./server.js";
import { insideOf, ssh2, type Inside } from "./ssh2.js";
import { gatherPackets } from "./transport.js";

export interface TargetLogin {
  readonly socket: Socket;
  readonly account: string;
  readonly credential:
    | { readonly type: "password"; readonly password: Uint8Array }
    | { readonly type: "key"; readonly privateKey: Uint8Array; readonly passphrase?: Uint8Array };
  readonly hostKeyAlgorithms: readonly string[];
  readonly timeoutMs: number;
  readonly ident: string;
  /** Asked before any credential is sent. */
  readonly judgeHostKey: (blob: Uint8Array) => boolean | Promise<boolean>;
}

export interface TargetLoginEvents {
  /** Logged in; the transport must be built before this returns, or early messages are lost. */
  readonly ready: (inside: Inside) => void;
  /** Over, before or after `ready`; called once. */
  readonly closed: (reason: string) => void;
}

/** Logs in to a target over an open socket. */
export function loginToTarget(login: TargetLogin, events: TargetLoginEvents): void {
  const client = new ssh2.Client();
  // The first error is the cause; what the socket says afterwards follows from it.
  let reason: string | undefined;
  const progress: Progress = { left: null, partial: false, asked: null };
  client.on("error", (cause) => (reason ??= describe(cause, login, progress)));
  client.once("close", () => events.closed(reason ?? "the target closed the connection"));
  client.once("ready", () => events.ready(insideOf(client)));
  const offered = login.hostKeyAlgorithms.filter((name) => HOST_KEY_ALGORITHMS.includes(name));
  try {
    client.connect({
      sock: login.socket,
      username: login.account,
      ident: login.ident,
      readyTimeout: login.timeoutMs,
      keepaliveInterval: 0, // our own (connection/keepalive.ts)
      hostVerifier: onceJudged(login.judgeHostKey),
      authHandler: authenticate(login, progress),
      algorithms: {
        // Our own lists; @types/ssh2 does not know the hybrid exchange.
        kex: KEX as never,
        cipher: CIPHERS as never,
        hmac: MACS as never,
        compress: ["none"],
        serverHostKey: (offered.length > 0 ? offered : HOST_KEY_ALGORITHMS) as never,
      },
    });
    gatherPackets(insideOf(client));
  } catch (cause) {
    login.socket.destroy();
    events.closed(cause instanceof Error ? cause.message : "the connection could not be set up");
  }
}

/** At every renewal of keys the host shows its key again: it must be the one judged at first. */
function onceJudged(
  judge: (blob: Uint8Array) => boolean | Promise<boolean>,
): (key: Buffer, verify: (trusted: boolean) => void) => boolean | undefined {
  let trusted: Buffer | undefined;
  return (key, verify) => {
    if (trusted !== undefined) return trusted.equals(key);
    const presented = Buffer.from(key);
    const judged = (good: boolean): boolean => {
      if (good) trusted = presented;
      return good;
    };
    const judgement = judge(presented);
    if (typeof judgement === "boolean") return judged(judgement);
    judgement.then(
      (good) => verify(judged(good)),
      () => verify(false),
    );
    return undefined;
  };
}

/** What the target said last about logging in. */
interface Progress {
  left: readonly string[] | null;
  /** Something was right, and the target wants more. */
  partial: boolean;
  /** A question that the password does not answer: an expired one is told there. */
  asked: string | null;
}

/** ssh2 says only that all methods failed: what was tried, and what the target would have taken. */
function describe(cause: Error, { credential }: TargetLogin, progress: Progress): string {
  const { left, partial, asked } = progress;
  const { level } = cause as { level?: unknown }; // ssh2 tells its own errors by this field
  if (level !== "client-authentication" || left === null) return cause.message;
  const ours = credential.type === "key" ? "key" : "password";
  const wanted = printable(left.join(", "));
  if (partial) {
    return `the ${ours} is right, but the target asks for more than one proof (still: ${wanted}), and only the ${ours} is configured`;
  }
  return asked === null
    ? `the target does not accept the ${ours} of this account (it takes: ${wanted})`
    : `the target asks for more than the ${ours} of this account: "${printable(asked)}"`;
}

/** What a target says of itself is repeated to others, but no control characters and not all of it. */
function printable(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[^ -~]/g, "?")
    .trim()
    .slice(0, TOLD_MAX);
}

const TOLD_MAX = 300;

/** Tries the one credential there is; a password also answers keyboard-interactive questions. */
function authenticate(
  { account, credential }: TargetLogin,
  progress: Progress,
): AuthHandlerMiddleware {
  const tried = new Set<string>();
  let asksFor: string | undefined;
  return (methodsLeft, partial, next) => {
    progress.left = methodsLeft; // null at the first call, against its type
    progress.partial ||= (partial as boolean | null) === true; // as above
    const possible: AuthenticationType[] =
      credential.type === "key" ? ["publickey"] : ["password", "keyboard-interactive"];
    // The first call asks for something to begin with, before the target has said what it takes.
    const method = possible.find(
      (name) =>
        !tried.has(name) && ((methodsLeft as unknown) === null || methodsLeft.includes(name)),
    );
    if (method === undefined) {
      next(false as never); // documented by ssh2: no more methods
      return;
    }
    tried.add(method);
    if (credential.type === "key") {
      next({
        type: "publickey",
        username: account,
        key: Buffer.from(credential.privateKey),
        ...(credential.passphrase === undefined
          ? {}
          : { passphrase: Buffer.from(credential.passphrase) }),
      });
      return;
    }
    const password = Buffer.from(credential.password).toString("utf8");
    if (method === "password") next({ type: "password", username: account, password });
    else {
      next({
        type: "keyboard-interactive",
        username: account,
        prompt: (...question) => {
          const [, instructions, , prompts, finish] = question;
          const [first] = prompts;
          if (first !== undefined) asksFor ??= first.prompt;
          // Only a question with hidden answer is the password, and only the first one and its like: an
          // expired one would be "changed" to itself. Anything else stays unanswered.
          const other = prompts.find(({ echo, prompt }) => echo !== true && prompt !== asksFor);
          if (other !== undefined) progress.asked ??= `${instructions} ${other.prompt}`;
          finish(prompts.map(({ echo, prompt }) => (echo || prompt !== asksFor ? "" : password)));
        },
      });
    }
  };
}
