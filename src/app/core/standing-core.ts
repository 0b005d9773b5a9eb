import type { ScoringCore } from "../../core/index.js";
import { openScoringCore } from "../../core/index.js";
import { describeFault, err, ok, type Fault, type Result } from "../../kernel/index.js";
import type { CoreConfig } from "../config/index.js";
import { createCoreNotices, type CoreNotices } from "./core-notices.js";
import { openCoreStore } from "./open-core-store.js";
import { startReportRounds, type ReportRounds } from "./report-rounds.js";
import { listenFor, type OpenCore, type RunCoreDeps } from "./run-core.js";

/** A core that stands by looks so often whether the store is free. */
const LOOK_MS = 1_000;

/**
 * One of several cores on one PostgreSQL: the one that has taken the store works, the others stand by and
 * send sidecars away. When it dies or loses its database, the next one to look takes the store, reads
 * its memory from it and goes on; the sidecars tell it what was not acknowledged, and ids and sequences
 * make that count once.
 */
export async function standCore(
  config: CoreConfig,
  deps: RunCoreDeps & { readonly lookMs?: number },
): Promise<Result<OpenCore, Fault>> {
  const core = new StandingCore(config, deps);
  const started = await core.start();
  return started.ok ? ok(core) : started;
}

class StandingCore implements OpenCore {
  readonly #config: CoreConfig;
  readonly #deps: RunCoreDeps;
  readonly #lookMs: number;
  #served: OpenCore["served"] = null;
  #working: ScoringCore | null = null;
  readonly #notices: CoreNotices | null;
  #rounds: ReportRounds | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** One change of state at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  #told: string | null = null;

  constructor(config: CoreConfig, { lookMs = LOOK_MS, ...deps }: Parameters<typeof standCore>[1]) {
    this.#config = config;
    this.#deps = deps;
    this.#lookMs = lookMs;
    this.#notices = createCoreNotices(config, deps);
  }

  get core(): ScoringCore | null {
    return this.#working;
  }

  get served(): OpenCore["served"] {
    return this.#served;
  }

  async start(): Promise<Result<void, Fault>> {
    const taken = await this.#take();
    if (!taken.ok && taken.error.code !== "CHP_CORE_STORE_TAKEN") return taken;
    const served = await listenFor(() => this.#working, this.#config, this.#deps.log);
    if (!served.ok) {
      await this.close();
      return served;
    }
    this.#served = served.value;
    if (!taken.ok) this.#standBy(taken.error);
    return ok(undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#turn;
    await this.#rounds?.stop();
    await this.#served?.close();
    await this.#working?.close();
    await this.#notices?.stop();
    this.#working = null;
  }

  async #take(): Promise<Result<void, Fault>> {
    const { settings, env, log } = this.#deps;
    const store = await openCoreStore(this.#config.store, env);
    if (!store.ok) return store;
    const core = await openScoringCore({
      store: store.value,
      settings,
      log,
      now: () => Date.now(),
      lost: () => this.#lose(),
      notice: (notice) => this.#notices?.tell(notice),
    });
    if (!core.ok) {
      await store.value.close();
      return err(core.error);
    }
    this.#working = core.value;
    this.#rounds = startReportRounds(this.#config, {
      ...{ store: store.value, settings, env, log },
      now: () => Date.now(),
    });
    this.#told = null;
    log.info("core-works");
    return ok(undefined);
  }

  #lose(): void {
    const lost = this.#working;
    if (lost === null) return;
    this.#working = null;
    this.#deps.log.warn("core-lost-its-store");
    this.#served?.drop();
    // Not awaited in the turn of the work that noticed it: closing waits for that work.
    const rounds = this.#rounds;
    this.#rounds = null;
    void lost
      .close()
      .then(() => rounds?.stop())
      .then(() => this.#look());
  }

  #standBy(why: Fault): void {
    const said = describeFault(why);
    if (this.#told !== said) this.#deps.log.info("core-stands-by", { fault: said });
    this.#told = said;
    this.#look();
  }

  #look(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#turn = this.#take().then((taken) => {
        if (!taken.ok) this.#standBy(taken.error);
      });
    }, this.#lookMs);
  }
}
