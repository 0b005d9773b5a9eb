import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  describeError,
  describeFault,
  err,
  fault,
  type Fault,
  faultEntry,
  ok,
  type Result,
  Secret,
} from "../../../kernel/index.js";
import { createHttpClient, type TlsTrust } from "../../../net/index.js";
import { listOutboxSegments } from "../../../runtime/index.js";
import { cursorFolder, readCursor } from "../../../sinks/index.js";
import {
  resolveSecret,
  type Config,
  type CoreConfig,
  type Environment,
  type RemoteCore,
} from "../../config/index.js";
import { CORE_SINK } from "../../core/core-house.js";
import { readCoreStore } from "../../core/open-core-store.js";
import { shortPath } from "../console.js";
import { fine, info, warn, type Finding } from "./finding.js";

/** TLS and one answer; a core that takes longer is away. */
const ANSWER_MS = 10_000;
/** What is rated depends on when it happened: hours of the week, counts of the day. */
const CLOCK_MS_MAX = 60_000;
/** More waits than a core that works leaves behind. */
const LAG_BYTES_MAX = 8 * 1024 * 1024;

/** The scoring core: can it be reached, does it take the token, can it write, how far behind is it? */
export async function examineCore(
  config: Pick<Config, "scoring" | "stateDir">,
  env: Environment,
  nowMs: () => number = Date.now,
): Promise<readonly Finding[]> {
  const { scoring, stateDir } = config;
  if (scoring === undefined) return [];
  const { core } = scoring;
  if (core.type === "embedded") return [await examineStore(core, env), ...lagOf(stateDir)];
  const found = await Promise.all(
    core.urls.map(async (url) => examined(url, await statusOf(url, core, env), nowMs())),
  );
  const works = found.some(({ state }) => state === "works");
  const nobody = core.urls.length > 1 && !works && found.every(({ state }) => state !== "away");
  return [
    ...found.map(({ finding }) => finding),
    ...(nobody ? [warn("scoring core", "all of them stand by", "look into their logs")] : []),
    ...lagOf(stateDir),
  ];
}

async function examineStore({ store }: CoreConfig, env: Environment): Promise<Finding> {
  const where = store.type === "sqlite" ? shortPath(store.path) : store.url;
  const subject = "scoring store";
  if (store.type === "sqlite" && !existsSync(store.path))
    return info(subject, `${where} will be made`);
  const opened = await readCoreStore(store, env);
  if (!opened.ok) return unwell(subject, opened.error);
  const people = await opened.value.people();
  await opened.value.close();
  if (!people.ok) return unwell(subject, people.error);
  if (store.type === "sqlite" && !isWritable(store.path)) {
    return warn(subject, `${where} can not be written`, `give it to the user of the sidecar`);
  }
  return fine(subject, `${where}, people: ${people.value.length}`);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

interface CoreSaid {
  readonly state?: unknown;
  readonly nowMs?: unknown;
  readonly trouble?: unknown;
  readonly peers?: unknown;
}

interface Examined {
  readonly state: "works" | "stands-by" | "away";
  readonly finding: Finding;
}

function examined(url: string, said: Result<CoreSaid, Fault>, nowMs: number): Examined {
  const subject = `scoring core ${new URL(url).host}`;
  if (!said.ok) return { state: "away", finding: unwell(subject, said.error) };
  const { nowMs: theirs, trouble, peers } = said.value;
  if (said.value.state === "stands-by") {
    return { state: "stands-by", finding: info(subject, "stands by: another one works") };
  }
  const ahead = typeof theirs === "number" ? theirs - nowMs : 0;
  const finding =
    typeof trouble === "string"
      ? warn(
          subject,
          `its store takes nothing: ${trouble}`,
          "mend the store; events wait meanwhile",
        )
      : Math.abs(ahead) > CLOCK_MS_MAX
        ? warn(
            subject,
            `its clock is ${Math.round(ahead / 1_000)} s from ours`,
            "set both clocks (NTP): what is usual depends on the hour",
          )
        : fine(subject, `works, sidecars: ${String(peers)}`);
  return { state: "works", finding };
}

async function statusOf(
  url: string,
  { token, tls }: RemoteCore,
  env: Environment,
): Promise<Result<CoreSaid, Fault>> {
  const secret = token === undefined ? ok(null) : resolveSecret(token, env);
  if (!secret.ok) return secret;
  const shown = secret.value?.reveal((bytes) => Buffer.from(bytes).toString("utf8")) ?? "";
  secret.value?.wipe();
  const trust = readTrust(tls);
  if (!trust.ok) return trust;
  const client = createHttpClient({ tls: trust.value, timeoutMs: ANSWER_MS });
  trust.value.key?.wipe();
  if (!client.ok) return client;
  const asked = new URL("/v1/status", url.replace(/^ws/, "http"));
  const headers = { authorization: `Bearer ${shown}` };
  const answer = await client.value.send({ method: "GET", url: asked, headers });
  client.value.close();
  if (!answer.ok) return answer;
  const { status, body } = answer.value;
  if (status === 401) return err(fault("CHP_CORE_LINK", "it does not take our token"));
  try {
    if (status === 200) return ok(JSON.parse(body) as CoreSaid); // each field is looked at
  } catch {
    // Not JSON: as below.
  }
  return err(fault("CHP_CORE_LINK", `${asked.host} is no scoring core: it answers ${status}`));
}

function readTrust({ ca, cert, key }: RemoteCore["tls"]): Result<TlsTrust, Fault> {
  try {
    return ok({
      ...(ca === undefined ? {} : { ca: readFileSync(ca, "utf8") }),
      ...(cert === undefined ? {} : { cert: readFileSync(cert, "utf8") }),
      ...(key === undefined ? {} : { key: new Secret(Uint8Array.from(readFileSync(key))) }),
    });
  } catch (error) {
    return err(fault("CHP_CORE_LINK", describeError(error)));
  }
}

/** How much of what the sidecar tells the core has not taken yet. */
function lagOf(stateDir: string): readonly Finding[] {
  const outbox = join(stateDir, "outbox");
  const cursors = cursorFolder(stateDir);
  if (!existsSync(outbox) || !existsSync(join(cursors, `${CORE_SINK}.cursor`))) return [];
  try {
    const last = listOutboxSegments(outbox).at(-1);
    const end = last === undefined ? 0 : last.start + statSync(join(outbox, last.file)).size;
    const waiting = Math.max(0, end - (readCursor(cursors, CORE_SINK) ?? end));
    const detail = `${waiting} bytes wait in the outbox`;
    return [
      waiting > LAG_BYTES_MAX
        ? warn("scoring lag", detail, "the core is away or slow: see sink.degraded of scoring-core")
        : fine("scoring lag", detail),
    ];
  } catch (error) {
    const why = describeError(error);
    return [info("scoring lag", `the outbox can not be read: ${why}`)];
  }
}

/** Nothing here keeps the sidecar from its work: sessions do not wait for the core. */
function unwell(subject: string, why: Fault): Finding {
  return warn(subject, describeFault(why), faultEntry(why.code).remedy);
}
