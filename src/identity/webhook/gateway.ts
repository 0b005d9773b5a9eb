import type { z } from "zod";
import { err, fault, ok, Secret, type Fault, type Result } from "../../kernel/index.js";
import {
  authorizeAnswer,
  credentialAnswer,
  passwordAnswer,
  personAnswer,
  type Authorized,
} from "./answers.js";
import type { SignedCaller } from "./signed-call.js";

/** What a gateway is asked about people and ways. A fault is never taken for a yes. */
export interface Gateway {
  person(name: string): Promise<Result<GatewayPerson | null, Fault>>;
  password(name: string, password: Secret): Promise<Result<boolean, Fault>>;
  authorize(request: AuthorizeRequest): Promise<Result<Authorized, Fault>>;
  credential(request: CredentialRequest): Promise<Result<GatewayCredential, Fault>>;
}

export type GatewayPerson = NonNullable<z.output<typeof personAnswer>["person"]>;
export type { Authorized } from "./answers.js";

export interface AuthorizeRequest {
  readonly session: string;
  readonly person: string;
  readonly origin: string;
  /** As the SSH user name claims; absent: the gateway chooses. */
  readonly target?: string;
  readonly account?: string;
}

export interface CredentialRequest {
  readonly session: string;
  readonly person: string;
  readonly target: string;
  readonly account: string;
}

export type GatewayCredential =
  | { readonly type: "password"; readonly password: Secret }
  | { readonly type: "key"; readonly privateKey: Secret; readonly passphrase?: Secret };

export function createGateway(caller: SignedCaller): Gateway {
  async function ask<S extends z.ZodType>(
    question: { readonly kind: string } & Readonly<Record<string, unknown>>,
    answer: S,
  ): Promise<Result<z.output<S>, Fault>> {
    const asked = await caller.ask(question);
    if (!asked.ok) return asked;
    const read = answer.safeParse(asked.value);
    // What exactly is wrong is not told: the answer may hold a secret.
    return read.success
      ? ok(read.data)
      : err(fault("CHP_IDENTITY_WEBHOOK", `the answer to \`${question.kind}\` has the wrong form`));
  }

  return {
    async person(name) {
      const answer = await ask({ kind: "person", person: name }, personAnswer);
      return answer.ok ? ok(answer.value.person) : answer;
    },
    async password(name, password) {
      const text = password.reveal((bytes) => Buffer.from(bytes).toString("utf8"));
      const question = { kind: "password", person: name, password: text };
      const answer = await ask(question, passwordAnswer);
      return answer.ok ? ok(answer.value.accepted) : answer;
    },
    async authorize(request) {
      const answer = await ask({ kind: "authorize", ...request }, authorizeAnswer);
      if (!answer.ok) return answer;
      const { value } = answer;
      return value.allowed ? ok(value) : err(fault("CHP_IDENTITY_NOT_AUTHORIZED", value.reason));
    },
    async credential(request) {
      const answer = await ask({ kind: "credential", ...request }, credentialAnswer);
      if (!answer.ok) return answer;
      const { value } = answer;
      if ("password" in value) return ok({ type: "password", password: secret(value.password) });
      const privateKey = secret(value.privateKey);
      return ok(
        value.passphrase === undefined
          ? { type: "key", privateKey }
          : { type: "key", privateKey, passphrase: secret(value.passphrase) },
      );
    },
  };
}

function secret(text: string): Secret {
  return new Secret(Uint8Array.from(Buffer.from(text)));
}
