import { existsSync, renameSync } from "node:fs";
import { sensitiveFields, type EventDraft } from "../../events/index.js";
import {
  describeError,
  describeFault,
  err,
  fault,
  ok,
  type Fault,
  type Result,
} from "../../kernel/index.js";
import {
  isRotationOrdered,
  openSealedLog,
  withdrawRotation,
  type Seal,
  type SealedLog,
} from "../../sealing/index.js";
import type { Log } from "../log.js";

/** Seals the log every second, tells its head from time to time, and changes its key when it is due. */
export interface AuditHouse {
  start(tell: (event: EventDraft) => void): void;
  /** After the last delivery. */
  close(): Promise<void>;
}

/** Nobody can alter a record unseen once it is so old. */
const SEAL_INTERVAL_MS = 1_000;
/** A tail that was cut off shows to whoever got a head that is at most so much older. */
const TELL_INTERVAL_MS = 300_000;
/** The telling itself and its seal are records. */
const OWN_RECORDS = 2;

/**
 * A log in which a record was altered is set aside, loudly, and a new one is begun: who damages it must
 * not be able to keep people from their work, and the damaged one stays as evidence.
 */
export function openAuditLog(dir: string, log: Log): Result<SealedLog, Fault> {
  const opened = openAt(dir, log);
  if (opened.ok || opened.error.code !== "CHP_SEALING_BROKEN") return opened;
  const aside = freeName(`${dir}-set-aside-${new Date().toISOString().slice(0, 10)}`);
  log.error("audit-log-altered", { fault: describeFault(opened.error), setAside: aside });
  renameSync(dir, aside);
  return openAt(dir, log);
}

function openAt(dir: string, log: Log): Result<SealedLog, Fault> {
  return openSealedLog({
    dir,
    sensitive: sensitiveFields,
    now: () => new Date().toISOString(),
    mended: (segment, bytes) => log.warn("audit-line-torn", { segment, bytes }),
  });
}

function freeName(wanted: string): string {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? wanted : `${wanted}-${String(n)}`;
    if (!existsSync(name)) return name;
  }
}

export interface AuditHouseOptions {
  /** Folder of the log. */
  readonly dir: string;
  /** A signing key is changed when it is so old; absent: only when somebody orders it. */
  readonly rotateKeyMs?: number;
}

export function createAuditHouse(
  sealed: SealedLog,
  log: Log,
  options: AuditHouseOptions,
): AuditHouse {
  let told: Seal | null = null;
  let toldAt = Number.NEGATIVE_INFINITY;
  let failing = false;
  let timer: NodeJS.Timeout | null = null;

  function seal(): Seal | null {
    const rotated = rotateWhenDue();
    const made = rotated.ok ? sealed.seal() : rotated;
    if (!made.ok && !failing) log.error("audit-log-failed", { fault: describeFault(made.error) });
    failing = !made.ok;
    return made.ok ? made.value : null;
  }

  function rotateWhenDue(): Result<void, Fault> {
    const ordered = isRotationOrdered(options.dir);
    const ageMs = Date.now() - sealed.keyMadeAtMs;
    if (!ordered && ageMs < (options.rotateKeyMs ?? Number.POSITIVE_INFINITY)) return ok(undefined);
    const rotated = sealed.rotateKey();
    if (!rotated.ok) return rotated;
    log.info("audit-key-rotated", { ordered });
    try {
      withdrawRotation(options.dir);
      return rotated;
    } catch (error) {
      return err(fault("CHP_SEALING_WRITE", describeError(error)));
    }
  }

  function worthTelling(seal: Seal): boolean {
    if (told === null || seal.segment !== told.segment || seal.key !== told.key) return true;
    const news = seal.record - told.record > OWN_RECORDS;
    return news && performance.now() - toldAt >= TELL_INTERVAL_MS;
  }

  return {
    start(tell) {
      timer = setInterval(() => {
        const made = seal();
        if (made === null || !worthTelling(made)) return;
        told = made;
        toldAt = performance.now();
        tell({ type: "audit.sealed", data: made });
      }, SEAL_INTERVAL_MS);
      timer.unref();
    },
    async close() {
      if (timer !== null) clearInterval(timer);
      const closed = await sealed.close();
      if (!closed.ok) log.error("audit-log-failed", { fault: describeFault(closed.error) });
    },
  };
}

/** Without a sealed log there is nothing to do. */
export const NO_AUDIT: AuditHouse = {
  start: () => undefined,
  close: () => Promise.resolve(),
};
