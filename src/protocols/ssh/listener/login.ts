import { encodeUtf8, Secret } from "../../../kernel/index.js";
import type { PersonFacts } from "../../../model/index.js";
import { isUsableKey, provesKey, type LoginTry } from "../door/index.js";
import type {
  LoginAttempt,
  LoginFacts,
  LoginMethod,
  LoginOutcome,
  SshAuthority,
} from "../ports.js";

export interface Login {
  /** Wipes what was typed; for a connection that ends before it is logged in. */
  forget(): void;
  /** Handles one method tried by the client; never throws, never rejects. */
  tried(attempt: LoginTry): Promise<void>;
}

export interface LoginEvents {
  /** The person is known; the facts are those of the whole login. */
  readonly accepted: (accepted: AcceptedLogin) => void;
  /** No more attempts: the connection ends with this reason. */
  readonly hopeless: (reason: string) => void;
}

export interface AcceptedLogin {
  readonly login: LoginFacts;
  readonly person: PersonFacts;
  /** The password that was right, for a target that takes it over; ours to wipe. */
  readonly password: Secret | null;
}

/** Keys offered and passwords typed on one connection; an agent may well hold a dozen keys. */
export const LOGIN_ATTEMPTS_MAX = 20;
/** Longer passwords and answers are not typed by people; hashing them would only cost time. */
export const ANSWER_BYTES_MAX = 1024;
/** Longer user names fit no template. */
export const USER_NAME_BYTES_MAX = 512;

const ALL: readonly LoginMethod[] = ["publickey", "password", "keyboard-interactive"];

type Start = Omit<LoginFacts, "userName" | "passed">;

interface Judged {
  readonly login: LoginFacts;
  readonly proof: LoginAttempt["proof"];
  readonly outcome: LoginOutcome;
  /** The person's password, if that is what was proved. */
  readonly typed: string | undefined;
}

/** The server's side of RFC 4252: asks the authority and carries its answers to the client. */
export function createLogin(authority: SshAuthority, start: Start, events: LoginEvents): Login {
  const passed: LoginMethod[] = [];
  let attempts = 0;
  let over = false;
  let person: PersonFacts | null = null;
  let password: Secret | null = null;

  async function judge(
    attempt: LoginTry,
    proof: LoginAttempt["proof"],
    typed?: string,
  ): Promise<void> {
    const login: LoginFacts = { ...start, userName: attempt.userName, passed: [...passed] };
    const outcome = await authority.authenticate({ ...login, proof });
    answer(attempt, { login, proof, outcome, typed });
  }

  function answer(attempt: LoginTry, { login, proof, outcome, typed }: Judged): void {
    const onlyAsked = proof.method === "publickey" && !proof.proved;
    switch (outcome.type) {
      case "refused":
        attempt.reject(outcome.next, false);
        if (outcome.disconnect !== undefined) giveUp(outcome.disconnect);
        return;
      case "partial":
        if (onlyAsked) attempt.accept();
        else {
          if (proof.method !== "none") passed.push(proof.method);
          keepPassword(typed);
          attempt.reject(outcome.next, true);
        }
        return;
      case "accepted": {
        if (onlyAsked) {
          attempt.accept();
          return;
        }
        person = outcome.person;
        const now = proof.method === "none" ? passed : [...passed, proof.method];
        keepPassword(typed);
        attempt.accept();
        events.accepted({ login: { ...login, passed: now }, person, password });
      }
    }
  }

  /** The one that was right, by whichever method it was asked. */
  function keepPassword(typed: string | undefined): void {
    if (typed === undefined) return;
    password?.wipe();
    password = secret(typed);
  }

  async function publicKey(attempt: LoginTry & { method: "publickey" }): Promise<void> {
    const { algorithm, blob, proof } = attempt;
    const good =
      proof === null ? isUsableKey(algorithm, blob) : provesKey({ algorithm, blob, ...proof });
    // An unknown algorithm (certificates, FIDO) proves nothing here: ssh2 itself would verify nothing.
    if (!good) attempt.reject(ALL, false);
    else await judge(attempt, { method: "publickey", algorithm, blob, proved: proof !== null });
  }

  async function questions(attempt: LoginTry & { method: "keyboard-interactive" }): Promise<void> {
    const login: LoginFacts = { ...start, userName: attempt.userName, passed: [...passed] };
    const prompts = await authority.prompts(login);
    if (prompts.length === 0) {
      await judge(attempt, { method: "keyboard-interactive", answers: [] });
      return;
    }
    const answers = await new Promise<readonly string[] | null>((resolve) => {
      attempt.prompt(prompts, resolve);
    });
    if (answers === null) return; // abandoned by the client for another method
    if (answers.length !== prompts.length || answers.some((text) => !isShort(text))) {
      attempt.reject(ALL, false);
      return;
    }
    const typed = answers.find((_, index) => prompts[index]?.asksPassword === true);
    await judge(attempt, { method: "keyboard-interactive", answers: answers.map(secret) }, typed);
  }

  function giveUp(reason: string): void {
    over = true;
    events.hopeless(reason);
  }

  async function handle(attempt: LoginTry): Promise<void> {
    // What a client sends before it has seen that it is thrown out is not even looked at.
    if (over) return;
    attempts += attempt.method === "none" ? 0 : 1;
    if (person !== null || attempts > LOGIN_ATTEMPTS_MAX) {
      attempt.reject([], false);
      giveUp("too many authentication attempts");
      return;
    }
    if (encodeUtf8(attempt.userName).length > USER_NAME_BYTES_MAX) {
      attempt.reject([], false);
      giveUp("the user name is too long");
      return;
    }
    switch (attempt.method) {
      case "none":
        return judge(attempt, { method: "none" });
      case "password":
        if (!isShort(attempt.password)) attempt.reject(ALL, false);
        else {
          const proof = { method: "password", password: secret(attempt.password) } as const;
          await judge(attempt, proof, attempt.password);
        }
        return;
      case "publickey":
        return publicKey(attempt);
      case "keyboard-interactive":
        return questions(attempt);
      case "unsupported":
        attempt.reject(ALL, false);
    }
  }

  return {
    forget: () => password?.wipe(),
    async tried(attempt) {
      try {
        await handle(attempt);
      } catch {
        // The authority is unavailable (its process died): nobody comes in.
        attempt.reject([], false);
        giveUp("authentication is not available");
      }
    },
  };
}

function isShort(text: string): boolean {
  return text.length <= ANSWER_BYTES_MAX && encodeUtf8(text).length <= ANSWER_BYTES_MAX;
}

/** ssh2 hands passwords over as strings, which can not be wiped; from here on they are Secrets. */
function secret(text: string): Secret {
  return new Secret(encodeUtf8(text));
}
