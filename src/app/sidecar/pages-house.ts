import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPages, type PagesServer } from "../../admin/index.js";
import type { EventDraft } from "../../events/index.js";
import {
  createEnrolmentDesk,
  createWebauthnFactor,
  openEnrolledFactors,
  openRelyingParty,
  type EnrolledFactors,
  type EnrolmentDesk,
  type RelyingParty,
  type WebauthnFactor,
} from "../../identity/index.js";
import {
  describeError,
  describeFault,
  err,
  fault,
  type Fault,
  ok,
  type Result,
} from "../../kernel/index.js";
import type { Config, PagesListener } from "../config/index.js";
import type { Log } from "../log.js";
import type { BoundAddress } from "../running-sidecar.js";
import { createViewings, type Viewings } from "./viewings.js";

/** What people enrol and prove on pages of the sidecar's own. */
export interface PagesHouse {
  readonly enrolled: EnrolledFactors;
  /** Absent where there are no pages. */
  readonly enrolments?: EnrolmentDesk;
  readonly webauthnFactor?: WebauthnFactor;
  readonly viewings: Viewings;
  /** Null where there are no pages. */
  listen(): Promise<Result<BoundAddress | null, Fault>>;
  close(): Promise<void>;
}

export interface PagesHouseDeps {
  readonly config: Config;
  readonly log: Log;
  /** False: the event could not be kept. */
  readonly tell: (event: EventDraft) => boolean;
  /** A code of this step of the person is used up. */
  readonly stepSpent: (person: string, step: number) => Promise<void>;
}

/** How long browsers wait for the person at a key; the question itself may end before. */
const CEREMONY_MS = 120_000;

/** What was enrolled counts whether there are pages (still) or not. */
export async function openPagesHouse(deps: PagesHouseDeps): Promise<Result<PagesHouse, Fault>> {
  const { config, log } = deps;
  const enrolled = await openEnrolledFactors(join(config.stateDir, "enrolled"), Date.now);
  if (!enrolled.ok) return enrolled;
  const listener = config.listen.pages;
  if (listener === undefined) return ok(houseWithoutPages(enrolled.value));
  const tls = readTls(listener);
  if (!tls.ok) return tls;
  let bound: BoundAddress | null = null;
  const origin = (): string => originOf(listener, bound?.port ?? listener.port);
  const party = await openParty(config, origin);
  const factor =
    party === undefined ? undefined : factorOf(deps, { enrolled: enrolled.value, party, origin });
  const enrolments = createEnrolmentDesk({
    enrolled: enrolled.value,
    ...(party === undefined ? {} : { party }),
    issuer: `Chaperone ${config.site}`,
    wallMs: Date.now,
    linkOf: (token) => `${origin()}/e/${token}`,
    enrolling: ({ person, factor: which, issuedBy, origin: from }) =>
      deps.tell({
        type: "factor.changed",
        data: { person, factor: which, change: "enrolled", by: issuedBy, origin: from },
      }),
    stepSpent: deps.stepSpent,
  });
  const viewings = createViewings({
    wallMs: Date.now,
    linkOf: (token) => `${origin()}/v/${token}`,
  });
  const pages = createPages(
    {
      site: config.site,
      viewings: viewings.page,
      enrolments: enrolments.page,
      log,
      wallMs: Date.now,
      ...(factor === undefined ? {} : { challenges: factor.page }),
    },
    { origin, ...(tls.value === undefined ? {} : { tls: tls.value }) },
  );
  if (!pages.ok) return pages;
  return ok({
    enrolled: enrolled.value,
    enrolments,
    viewings,
    ...(factor === undefined ? {} : { webauthnFactor: factor }),
    async listen() {
      const listening = await listenOn(pages.value, listener);
      if (listening.ok) bound = listening.value;
      return listening;
    },
    close: () => pages.value.close(),
  });
}

function houseWithoutPages(enrolled: EnrolledFactors): PagesHouse {
  return {
    enrolled,
    viewings: createViewings({ wallMs: Date.now, linkOf: null }),
    listen: () => Promise.resolve(ok(null)),
    close: () => Promise.resolve(),
  };
}

async function openParty(
  { webauthn }: Config,
  origin: () => string,
): Promise<RelyingParty | undefined> {
  if (webauthn === undefined) return undefined;
  const { domain, name, userVerification } = webauthn;
  return await openRelyingParty({
    id: domain,
    name,
    origin,
    userVerification,
    timeoutMs: CEREMONY_MS,
  });
}

function factorOf(
  { log, tell }: PagesHouseDeps,
  {
    enrolled,
    party,
    origin,
  }: {
    readonly enrolled: EnrolledFactors;
    readonly party: RelyingParty;
    readonly origin: () => string;
  },
): WebauthnFactor {
  return createWebauthnFactor({
    party,
    enrolled,
    wallMs: Date.now,
    linkOf: (token) => `${origin()}/c/${token}`,
    cloned: (person, id) =>
      tell({
        type: "factor.changed",
        data: { person, factor: "webauthn", change: "disabled", id, by: "policy" },
      }),
    failed: (why) => log.error("webauthn-failed", { fault: describeFault(why) }),
  });
}

async function listenOn(
  pages: PagesServer,
  { address, port }: PagesListener,
): Promise<Result<BoundAddress, Fault>> {
  const listening = await pages.listen(address, port);
  if (!listening.ok) await pages.close();
  return listening;
}

/** Configured, or what a browser on this machine calls it. */
function originOf({ publicOrigin, tls }: PagesListener, port: number): string {
  if (publicOrigin !== undefined) return publicOrigin;
  return new URL(`${tls === undefined ? "http" : "https"}://localhost:${port}`).origin;
}

function readTls({
  tls,
}: PagesListener): Result<{ readonly cert: Buffer; readonly key: Buffer } | undefined, Fault> {
  if (tls === undefined) return ok(undefined);
  try {
    return ok({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) });
  } catch (error) {
    return err(fault("CHP_ADMIN_TLS", describeError(error)));
  }
}
