import { deleteOldRecordings } from "../../recording/index.js";
import type { Config } from "../config/index.js";
import type { Log } from "../log.js";

/** Recordings go within an hour of their time. */
const LOOK_MS = 3_600_000;

/** Deletes recordings that are older than `recording.keep`, at once and then every hour. Returns how to stop it. */
export function startRetention(deps: {
  readonly recording: Pick<Config["recording"], "folder" | "keepMs">;
  readonly isLive: (session: string) => boolean;
  readonly log: Log;
}): () => void {
  const { recording, isLive, log } = deps;
  const { folder, keepMs } = recording;
  if (keepMs === undefined) return () => undefined;
  let looking = false;

  function look(): void {
    if (looking || keepMs === undefined) return;
    looking = true;
    void deleteOldRecordings({ folder, keepMs, nowMs: Date.now(), isLive }).then(
      ({ files, problems }) => {
        looking = false;
        if (files > 0) log.info("recordings-deleted", { files });
        for (const problem of problems) log.warn("recording-not-deleted", { problem });
      },
    );
  }

  look();
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
