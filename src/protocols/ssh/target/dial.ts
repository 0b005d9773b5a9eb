import { createHash } from "node:crypto";
import type { Secret } from "../../../kernel/index.js";
import { err, fault, ok, unreachable, type Fault, type Result } from "../../../kernel/index.js";
import type { SessionFacts } from "../../../model/index.js";
import { connectTcp } from "../../../net/index.js";
import { createConnection, type Connection } from "../connection/connection.js";
import { keepAlive, KEEPALIVE_DEFAULT } from "../connection/keepalive.js";
import {
  createTransport,
  loginToTarget,
  type Inside,
  type Transport,
  type TransportOptions,
} from "../door/index.js";
import type { DialPlan, TargetPlanner } from "../ports.js";
import { DISCONNECT } from "../wire/numbers.js";
import { createReader } from "../wire/reader.js";
import { createEmbeddedLeg } from "./embedded/leg.js";
import type { TargetLeg, TargetLegEvents } from "./leg.js";

export interface Dialling {
  readonly planner: TargetPlanner;
  readonly facts: SessionFacts;
  readonly offered: { readonly password?: Secret };
  readonly version: string;
  readonly events: TargetLegEvents;
  readonly rekey?: TransportOptions;
  /** As many as the person may open; without it the connection's own limit. */
  readonly channelsMax?: number;
}

/** Makes the way to the target as the plan says; credentials are wiped when this is done. */
export async function dialTarget(dialling: Dialling): Promise<Result<TargetLeg, Fault>> {
  const plan = await dialling.planner.plan(dialling.facts, dialling.offered);
  if (!plan.ok) return plan;
  switch (plan.value.type) {
    case "ssh":
      return dialSsh(dialling, plan.value);
    case "embedded":
      return ok(createEmbeddedLeg(plan.value, dialling.facts, dialling.events));
    default:
      return unreachable(plan.value);
  }
}

type SshPlan = Extract<DialPlan, { type: "ssh" }>;

async function dialSsh(dialling: Dialling, plan: SshPlan): Promise<Result<TargetLeg, Fault>> {
  const { facts, planner } = dialling;
  const where = `${facts.target.name} (${plan.host}:${plan.port})`;
  const socket = await connectTcp({
    host: plan.host,
    port: plan.port,
    timeoutMs: plan.connectTimeoutMs,
  });
  if (!socket.ok) {
    wipe(plan);
    return err(fault("CHP_SSH_TARGET_UNREACHABLE", `${where}: ${socket.error}`));
  }
  let refusal: Fault | null = null;
  async function askAbout(blob: Uint8Array): Promise<boolean> {
    const algorithm = createReader(blob).text();
    const judgement = await planner.judgeHostKey(facts.target.name, { algorithm, blob });
    if (judgement.type === "refused") refusal = judgement.fault;
    return judgement.type === "trusted";
  }
  return new Promise((resolve) => {
    let leg: EstablishedLeg | null = null;
    loginToTarget(
      {
        socket: socket.value,
        account: plan.account,
        credential: reveal(plan),
        hostKeyAlgorithms: plan.hostKeyAlgorithms,
        timeoutMs: plan.connectTimeoutMs,
        ident: `Chaperone_${dialling.version}`,
        judgeHostKey(blob) {
          // Known at once, as nearly always: then what answers it leaves in one write.
          return plan.trustedKeys.includes(fingerprintOf(blob)) || askAbout(blob);
        },
      },
      {
        ready(inside) {
          wipe(plan);
          leg = establish(inside, dialling);
          resolve(ok(leg.leg));
        },
        closed(reason) {
          wipe(plan);
          if (leg !== null) leg.lost(reason);
          else resolve(err(refusal ?? fault("CHP_SSH_TARGET_LOGIN", `${where}: ${reason}`)));
        },
      },
    );
  });
}

interface EstablishedLeg {
  readonly leg: TargetLeg;
  lost(reason: string): void;
}

function establish(inside: Inside, { events, rekey, channelsMax }: Dialling): EstablishedLeg {
  let closed = false;
  const transport: Transport = createTransport(
    inside,
    (payload) => connection.receive(payload),
    rekey,
  );
  const connection: Connection = createConnection(
    transport,
    {
      channelAsked: events.channelAsked,
      // hostkeys-00@openssh.com and the like: the host key is the planner's business, not the wire's.
      globalAsked: (ask) => ask.answer({ success: false }),
    },
    channelsMax,
  );
  transport.onDrain(() => connection.drained());
  const stop = keepAlive(connection, KEEPALIVE_DEFAULT, () => transport.destroy());
  return {
    leg: {
      open: (opening) => connection.open(opening),
      global: (name, body, reply) => connection.global(name, body, reply),
      close(reason) {
        closed = true;
        transport.disconnect(DISCONNECT.byApplication, reason);
      },
    },
    lost(reason) {
      stop();
      if (!closed) events.lost(reason);
      connection.lost();
    },
  };
}

/** The door needs the bytes until the login is over; `wipe` clears the very same memory. */
function reveal(plan: SshPlan): Parameters<typeof loginToTarget>[0]["credential"] {
  const lend = (secret: Secret): Uint8Array => secret.reveal((bytes) => bytes);
  const { credential } = plan;
  if (credential.type === "password") {
    return { type: "password", password: lend(credential.password) };
  }
  const privateKey = lend(credential.privateKey);
  return credential.passphrase === undefined
    ? { type: "key", privateKey }
    : { type: "key", privateKey, passphrase: lend(credential.passphrase) };
}

function wipe({ credential }: SshPlan): void {
  if (credential.type === "password") credential.password.wipe();
  else {
    credential.privateKey.wipe();
    credential.passphrase?.wipe();
  }
}

/** As `ssh-keygen -l` shows it, without "SHA256:". */
function fingerprintOf(blob: Uint8Array): string {
  return createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
}
