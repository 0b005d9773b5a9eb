import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  openScoringCore,
  serveCore,
  type CoreLog,
  type CoreSettings,
  type ScoringCore,
  type ServedCore,
} from "../../core/index.js";
import { ensurePrivateFolder, readOrMakePrivateFile } from "../../identity/index.js";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import type { CoreConfig, CoreListener, Environment } from "../config/index.js";
import { startReportRounds } from "./report-rounds.js";
import { createCoreNotices } from "./core-notices.js";
import { openCoreStore } from "./open-core-store.js";

/** A core that runs in this thread, and listens where it is told to. */
export interface OpenCore {
  /** Null while it stands by. */
  readonly core: ScoringCore | null;
  readonly served: ServedCore | null;
  close(): Promise<void>;
}

export interface RunCoreDeps {
  readonly settings: CoreSettings;
  readonly env: Environment;
  readonly log: CoreLog;
}

/** 256 bits: nobody guesses it. */
const TOKEN_BYTES = 32;

export async function runCore(
  config: CoreConfig,
  { settings, env, log }: RunCoreDeps,
): Promise<Result<OpenCore & { readonly core: ScoringCore }, Fault>> {
  const store = await openCoreStore(config.store, env);
  if (!store.ok) return store;
  const notices = createCoreNotices(config, { env, log });
  const core = await openScoringCore({
    ...{ store: store.value, settings, log },
    now: () => Date.now(),
    notice: (notice) => notices?.tell(notice),
  });
  if (!core.ok) {
    await store.value.close();
    return core;
  }
  const served = await listenFor(() => core.value, config, log);
  if (!served.ok) {
    await core.value.close();
    return served;
  }
  const rounds = startReportRounds(config, {
    ...{ store: store.value, settings, env, log },
    now: () => Date.now(),
  });
  return ok({
    core: core.value,
    served: served.value,
    async close() {
      await rounds?.stop();
      await served.value?.close();
      await core.value.close();
      await notices?.stop();
    },
  });
}

/** Listens where the configuration says; null: nowhere. */
export async function listenFor(
  working: () => ScoringCore | null,
  { listen }: CoreConfig,
  log: CoreLog,
): Promise<Result<ServedCore | null, Fault>> {
  return listen === undefined ? ok(null) : await serve(working, listen, log);
}

async function serve(
  working: () => ScoringCore | null,
  listener: CoreListener,
  log: CoreLog,
): Promise<Result<ServedCore, Fault>> {
  const { address, port, token, tls } = listener;
  const folder = await ensurePrivateFolder(dirname(token));
  if (!folder.ok) return folder;
  const content = await readOrMakePrivateFile(token, () =>
    Buffer.from(`${randomBytes(TOKEN_BYTES).toString("base64url")}\n`),
  );
  if (!content.ok) return content;
  const text = Buffer.from(content.value).toString("utf8").trim();
  if (text === "")
    return err(fault("CHP_CORE_LINK", `${token} is empty: remove it, and a token is made`));
  const tokenDigest = createHash("sha256").update(text).digest();
  try {
    const pem =
      tls === undefined
        ? {}
        : {
            tls: {
              cert: readFileSync(tls.cert, "utf8"),
              key: readFileSync(tls.key, "utf8"),
              ...(tls.clientCa === undefined
                ? {}
                : { clientCa: readFileSync(tls.clientCa, "utf8") }),
            },
          };
    return await serveCore(working, { address, port, tokenDigest, ...pem }, log);
  } catch (error) {
    return err(fault("CHP_CORE_LINK", describeError(error)));
  }
}
