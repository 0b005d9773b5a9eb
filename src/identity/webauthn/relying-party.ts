import { z } from "zod";
import type { EnrolledKey, NewKey } from "../enrolment/enrolled-factors.js";

/**
 * The ceremonies of WebAuthn level 3 (sections 7.1 and 7.2): the one door to @simplewebauthn/server.
 * What a browser sends is hostile until it is verified, and whatever is wrong with it is one answer: null.
 */
export interface RelyingParty {
  /** `options` go to the browser as they are; `challenge` stays here and is good for one answer. */
  registration(person: PersonAtKey): Promise<Ceremony>;
  register(response: unknown, challenge: string): Promise<Omit<NewKey, "name"> | null>;
  authentication(keys: readonly EnrolledKey[]): Promise<Ceremony>;
  /** Whether this key has signed this challenge here; its counter is judged by who keeps it. */
  authenticate(
    response: unknown,
    challenge: string,
    keys: readonly EnrolledKey[],
  ): Promise<{ readonly id: string; readonly counter: number } | null>;
}

export interface Ceremony {
  readonly options: unknown;
  readonly challenge: string;
}

export interface PersonAtKey {
  readonly name: string;
  /** base64url. */
  readonly handle: string;
  readonly keys: readonly EnrolledKey[];
}

export interface RelyingPartyOptions {
  /** Registrable domain of the pages, or `localhost`; keys are bound to it for ever. */
  readonly id: string;
  /** Shown by browsers. */
  readonly name: string;
  /** Scheme, host and port of the pages. Told late: the port may be any that was free. */
  readonly origin: () => string;
  /** Whether the key asks for a PIN or finger: `required` also when the key answers. */
  readonly userVerification: "required" | "preferred" | "discouraged";
  /** How long browsers wait for the person. */
  readonly timeoutMs: number;
}

const TEXT_LENGTH_MAX = 16_384;
const base64url = z
  .string()
  .max(TEXT_LENGTH_MAX)
  .regex(/^[A-Za-z0-9_-]+$/);
const credential = {
  id: base64url,
  rawId: base64url,
  type: z.literal("public-key"),
  clientExtensionResults: z.object({}).default({}),
};
const registrationForm = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string().max(32)).max(8).default([]),
  }),
});
const authenticationForm = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
  }),
});

/** Loads the library only where it is used: processes of sessions have no part in it. */
export async function openRelyingParty(options: RelyingPartyOptions): Promise<RelyingParty> {
  const library = await import("@simplewebauthn/server");
  const { id, name, origin, userVerification, timeoutMs } = options;
  const expected = (challenge: string) => ({
    expectedChallenge: challenge,
    expectedOrigin: origin(),
    expectedRPID: id,
    requireUserVerification: userVerification === "required",
  });
  return {
    async registration(person) {
      const made = await library.generateRegistrationOptions({
        rpID: id,
        rpName: name,
        userName: person.name,
        userDisplayName: person.name,
        userID: new Uint8Array(Buffer.from(person.handle, "base64url")),
        timeout: timeoutMs,
        attestationType: "none",
        // A key that is registered already says so, instead of making a second entry.
        excludeCredentials: person.keys.map((key) => ({ id: key.id })),
        authenticatorSelection: { residentKey: "discouraged", userVerification },
      });
      return { options: made, challenge: made.challenge };
    },
    async register(response, challenge) {
      const read = registrationForm.safeParse(response);
      if (!read.success) return null;
      return await orNull(async () => {
        const { verified, registrationInfo } = await library.verifyRegistrationResponse({
          ...expected(challenge),
          response: read.data,
        });
        if (!verified) return null;
        const { credential: key, credentialBackedUp, credentialDeviceType } = registrationInfo;
        return {
          id: key.id,
          publicKey: Buffer.from(key.publicKey).toString("base64url"),
          counter: key.counter,
          transports: read.data.response.transports,
          synced: credentialBackedUp || credentialDeviceType === "multiDevice",
        };
      });
    },
    async authentication(keys) {
      const made = await library.generateAuthenticationOptions({
        rpID: id,
        timeout: timeoutMs,
        userVerification,
        allowCredentials: keys.map((key) => ({ id: key.id, transports: [...key.transports] })),
      });
      return { options: made, challenge: made.challenge };
    },
    async authenticate(response, challenge, keys) {
      const read = authenticationForm.safeParse(response);
      const key = read.success ? keys.find((one) => one.id === read.data.id) : undefined;
      if (!read.success || key === undefined) return null;
      return await orNull(async () => {
        const { verified, authenticationInfo } = await library.verifyAuthenticationResponse({
          ...expected(challenge),
          response: read.data,
          // The counter is compared by who keeps it: a key that falls behind is set aside, with an event.
          credential: {
            id: key.id,
            publicKey: new Uint8Array(Buffer.from(key.publicKey, "base64url")),
            counter: 0,
          },
        });
        return verified ? { id: key.id, counter: authenticationInfo.newCounter } : null;
      });
    },
  };
}

/** The library throws for everything that is wrong with an answer; nothing of it is told to who sent it. */
async function orNull<T>(verify: () => Promise<T | null>): Promise<T | null> {
  try {
    return await verify();
  } catch {
    return null;
  }
}
