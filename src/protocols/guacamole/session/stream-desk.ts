import type { EventData } from "../../../events/index.js";
import type { ChannelId } from "../../../kernel/index.js";
import {
  createTransferRules,
  type CommandDesk,
  type Notice,
  type Outbox,
} from "../../../session/index.js";
import {
  activityOf,
  type Fact,
  type StreamFacts,
  type StreamOutcome,
  type StreamStage,
  type StreamVerdict,
} from "../understanding/index.js";
import { createContentDesk } from "./content-desk.js";
import type { DesktopSeed } from "./desktop-seed.js";

/** Files and clipboards between person and desktop: judged by rules, and told. */
export interface StreamDesk {
  judge(stream: StreamFacts, stage: StreamStage): StreamVerdict;
  ended(fact: Extract<Fact, { kind: "stream-ended" }>): void;
  /** What is to be kept of their content. */
  kept(fact: Extract<Fact, { kind: "stream-piece" | "clipboard-secret" }>): void;
  /** The session is over. */
  end(): void;
}

export function createStreamDesk(deps: {
  readonly seed: DesktopSeed;
  readonly outbox: Outbox;
  readonly channel: ChannelId;
  readonly memory: CommandDesk["memory"];
  readonly notice: (notice: Notice) => void;
  readonly kill: (reason: string, trigger: string) => void;
  readonly suspend: (reason: string, trigger: string) => void;
  readonly mark: (label: string) => void;
}): StreamDesk {
  const { outbox, channel } = deps;
  const content = createContentDesk({ ...deps, limits: deps.seed.content });
  const rules = createTransferRules(deps);
  /** Rules that have been told of a stream while it lasts. */
  const toldOf = new Map<number, Set<string>>();

  function judge(stream: StreamFacts, stage: StreamStage): StreamVerdict {
    const activity = activityOf(stream, stage);
    if (activity === null) return { type: "allowed" };
    const before = toldOf.get(stream.id) ?? new Set<string>();
    toldOf.set(stream.id, before);
    const ruling = rules.judge(activity, before);
    if (ruling.refused === null) return { type: "allowed" };
    const { reason, trigger } = ruling.refused;
    if (ruling.session === "kill") deps.kill(reason, trigger);
    else if (ruling.session === "suspend") deps.suspend(reason, trigger);
    return { type: "refused", reason };
  }

  return {
    judge,
    ended({ stream, outcome, reason }) {
      toldOf.delete(stream.id);
      const { kind, sha256, mimetype, name, secret } = stream;
      const { session } = outbox;
      const kept = content.ended(stream);
      // The length of a password tells of it too.
      const bytes = secret === true ? 0 : stream.bytes;
      const told = OUTCOME[outcome];
      const digest =
        sha256 === undefined || outcome !== "completed" || secret === true ? {} : { sha256 };
      const direction = stream.direction === "from-client" ? "upload" : "download";
      if (kind === "upload" || kind === "download") {
        const data = { session, channel, direction: kind, path: name, bytes, ...digest, ...kept };
        outbox.emit({ type: "file.transferred", data: { ...data, outcome: told } });
      } else if (kind === "clipboard") {
        const data = { session, channel, direction, mimetype, bytes, ...digest, ...kept } as const;
        const hidden = secret === true ? { hidden: true } : {};
        outbox.emit({ type: "clipboard.transferred", data: { ...data, ...hidden, outcome: told } });
      }
      if (outcome !== "refused" || kind === "listing") return;
      deps.notice({
        headline: `Blocked by Chaperone: ${WORDS[kind]}.`,
        reason: reason ?? "the policy of this desktop",
        next: "If you need this, ask the administrator of this gateway.",
      });
    },
    kept(fact) {
      if (fact.kind === "stream-piece") content.piece(fact.stream, fact.bytes);
      else content.clipboardSecret();
    },
    end: () => content.end(),
  };
}

const OUTCOME: Readonly<Record<StreamOutcome, EventData["clipboard.transferred"]["outcome"]>> = {
  completed: "passed",
  refused: "blocked",
  failed: "cut-off",
  aborted: "cut-off",
};

const WORDS: Readonly<Record<StreamFacts["kind"], string>> = {
  clipboard: "the clipboard was not passed on",
  upload: "the file was not sent",
  download: "the file was not fetched",
  listing: "the folder was not shown",
  pipe: "a pipe was refused",
  argv: "a setting was refused",
  audio: "sound was refused",
  video: "video was refused",
  usb: "a USB device was refused",
};
