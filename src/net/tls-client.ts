import { createHash, X509Certificate } from "node:crypto";
import { checkServerIdentity, createSecureContext, type ConnectionOptions } from "node:tls";
import {
  describeError,
  err,
  fault,
  type Fault,
  ok,
  type Result,
  type Secret,
} from "../kernel/index.js";

/** How the other side of a TLS connection proves itself, and how we do. PEM texts. */
export interface TlsTrust {
  /** Only certificates of these authorities are trusted; absent: those of the system. */
  readonly ca?: string;
  /** SHA-256 of the public key (SPKI, base64) that the server must have; any one of these. */
  readonly pins?: readonly string[];
  /** The name in the server's certificate, when it is not the host of the address. */
  readonly serverName?: string;
  /** Our own certificate (mTLS), with its chain. */
  readonly cert?: string;
  readonly key?: Secret;
}

export type TlsClientOptions = Pick<
  ConnectionOptions,
  "secureContext" | "servername" | "checkServerIdentity" | "minVersion" | "rejectUnauthorized"
>;

/** Options for tls.connect and https.request; the material is read once, here. TLS 1.2 or newer. */
export function tlsClientOptions(trust: TlsTrust): Result<TlsClientOptions, Fault> {
  try {
    const key = trust.key?.reveal((bytes) => Buffer.from(bytes));
    const secureContext = createSecureContext({
      ...(trust.ca === undefined ? {} : { ca: trust.ca }),
      ...(trust.cert === undefined ? {} : { cert: trust.cert }),
      ...(key === undefined ? {} : { key }),
    });
    key?.fill(0);
    return ok({
      secureContext,
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ...(trust.serverName === undefined ? {} : { servername: trust.serverName }),
      checkServerIdentity: (host, certificate) =>
        checkServerIdentity(trust.serverName ?? host, certificate) ??
        checkPins(certificate.raw, trust.pins),
    });
  } catch (error) {
    return err(
      fault("CHP_NET_TLS_MATERIAL", error instanceof Error ? error.message : "unreadable"),
    );
  }
}

function checkPins(raw: Buffer, pins: readonly string[] | undefined): Error | undefined {
  if (pins === undefined || pins.length === 0) return undefined;
  const shown = publicKeyPin(raw);
  if (pins.includes(shown)) return undefined;
  return Object.assign(new Error(`the server's public key is ${shown}, which is not pinned`), {
    code: "ERR_TLS_PIN",
  });
}

/** As `openssl x509 -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64`. */
export function publicKeyPin(certificate: Buffer): string {
  const { publicKey } = new X509Certificate(certificate);
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}

/** Codes by which Node says that a certificate is not to be trusted. */
const UNTRUSTED =
  /^(?:ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE)/;

/** A failure of a connection as a fault: whether the peer was not there, or was not to be trusted. */
export function connectionFault(peer: string, error: unknown): Fault {
  const message = describeError(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return fault(
    UNTRUSTED.test(code) ? "CHP_NET_UNTRUSTED" : "CHP_NET_UNREACHABLE",
    `${peer}: ${message === "" ? code : message}`,
  );
}
