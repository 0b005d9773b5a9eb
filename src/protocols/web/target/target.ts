import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { ok, type Fault, type Result, type Secret } from "../../../kernel/index.js";
import {
  createHttpPool,
  tlsClientOptions,
  type HttpPool,
  type TlsClientOptions,
} from "../../../net/index.js";
import { HEAD_BYTES_MAX, TARGET_CONNECTIONS_MAX, TARGET_HEAD_MS } from "../limits.js";
import type { WebPlan } from "../ports.js";

/** The application behind one session: its connections are this person's alone. */
export interface WebTarget {
  readonly plan: WebPlan;
  /** `http://10.0.0.5:8080`. */
  readonly origin: string;
  /** As the target calls itself in `Host`. */
  readonly authority: string;
  readonly pool: HttpPool;
  /** A connection of its own, for a protocol that leaves HTTP behind. */
  dial(): Socket;
  close(): void;
}

/** Fails only when the certificates of the plan can not be used. */
export function openTarget(plan: WebPlan): Result<WebTarget, Fault> {
  let tls: TlsClientOptions | undefined;
  if (plan.secure) {
    const { ca, serverName } = plan;
    const options = tlsClientOptions({
      ...(ca === undefined ? {} : { ca }),
      ...(serverName === undefined ? {} : { serverName }),
    });
    if (!options.ok) return options;
    tls = options.value;
  }
  const { host, port, secure } = plan;
  const name = host.includes(":") ? `[${host}]` : host;
  const authority = port === (secure ? 443 : 80) ? name : `${name}:${String(port)}`;
  const origin = `${secure ? "https" : "http"}://${authority}`;
  const pool = createHttpPool({
    origin,
    connectionsMax: TARGET_CONNECTIONS_MAX,
    connectTimeoutMs: plan.connectTimeoutMs,
    headMs: TARGET_HEAD_MS,
    headBytesMax: HEAD_BYTES_MAX,
    ...(tls === undefined ? {} : { tls }),
  });
  return ok({
    plan,
    origin,
    authority,
    pool,
    dial: () =>
      tls === undefined
        ? connectTcp({ host, port, noDelay: true })
        : connectTls({ host, port, servername: host, ...tls }),
    close() {
      pool.close();
      wipeCredential(plan);
    },
  });
}

function wipeCredential({ credential }: WebPlan): void {
  const secrets: readonly Secret[] = Object.values(credential).flatMap((one: unknown) =>
    typeof one === "object" && one !== null && "wipe" in one ? [one as Secret] : [],
  );
  for (const secret of secrets) secret.wipe();
}
