import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { Facts } from "../facts.js";

/** What the core asks a sidecar to do. */
export const CORE_DEEDS = [
  "kill",
  "suspend",
  "resume",
  "reauth",
  "lock-user",
  "unlock-user",
  "message",
] as const;
export type CoreDeed = (typeof CORE_DEEDS)[number];

/** Sidecar to core. Positions count the events told over this connection, from 0. */
export type SidecarMessage =
  | {
      readonly type: "hello";
      readonly node: string;
      readonly site: string;
      readonly lastAck: number;
    }
  | {
      readonly type: "events";
      /** How many were told before the first of these. */
      readonly from: number;
      /** CloudEvents, each as its JSON text stands in the spool. */
      readonly events: readonly string[];
    }
  | { readonly type: "done"; readonly id: string; readonly outcome: string }
  /** How does the person behave, by what other sidecars have learnt? `name` says who to sidecars only. */
  | { readonly type: "ask-profile"; readonly id: number; readonly name: string }
  | {
      readonly type: "profile";
      /** Given back in the answer. */
      readonly id: number;
      readonly name: string;
      /** For whoever has the person erased. */
      readonly person: string;
      /** The revision of the core's that this one is made from; 0 = none. */
      readonly base: number;
      /** In base64; null: the person was erased. */
      readonly sealed: string | null;
    };

/** Core to sidecar. */
export type CoreMessage =
  | { readonly type: "ack"; readonly upTo: number }
  | {
      readonly type: "profile";
      readonly person: string;
      readonly rating: number;
      readonly level: string;
      /** Sessions and views in the history; the person is being learnt below ten. */
      readonly history: number;
    }
  /** Answers `ask-profile` and `profile`; with id 0 nobody has asked. */
  | {
      readonly type: "behaviour";
      readonly id: number;
      readonly name: string;
      /** 0: nothing was ever kept. */
      readonly revision: number;
      /** Null with a revision: the person was erased. */
      readonly sealed: string | null;
      /** What was sent is kept; else this is what is kept, to be joined. */
      readonly yours: boolean;
    }
  | {
      readonly type: "risk";
      readonly session: string;
      /** 0..100. */
      readonly score: number;
      readonly previous: number;
      readonly reasons: readonly string[];
      /**
       * What the core itself has compared, each with its p-value: the sidecar's ladder weighs these. The
       * score has also in it what the sidecar told the core. Absent: the core gives a score only.
       */
      readonly signals?: readonly JudgedSignal[];
    }
  | {
      readonly type: "rating";
      readonly person: string;
      readonly rating: number;
      readonly previous: number;
      readonly reason: string;
    }
  | {
      readonly type: "command";
      readonly id: string;
      readonly do: CoreDeed;
      readonly session?: string;
      readonly person?: string;
      readonly reason: string;
      /** Which counter has reached its limit. */
      readonly trigger?: string;
    };

export interface JudgedSignal {
  /** A flag of the core; the sidecar's detectors have the same names. */
  readonly detector: string;
  /** 0..1; 1 = nothing odd. */
  readonly pValue: number;
  /** At most as probable as the configured rate of false alarms. */
  readonly raised: boolean;
  readonly reason: string;
}

/** Signals of one message; there are six flags. */
const SIGNALS_MAX = 32;

/** Events of one message; the sender waits for the ack of one before the next. */
export const EVENTS_PER_MESSAGE_MAX = 5_000;
/** Bytes of one message, either way: the longest event of a spool (16 MiB), and what stands around it. */
export const MESSAGE_BYTES_MAX = 17 * 1024 * 1024;

/** A sealed profile: three parts of 64 KiB in JSON within JSON, in base64. */
export const SEALED_MAX = 1024 * 1024;
/** Digits that name a person to those who have the key. */
const PROFILE_NAME = /^[0-9a-f]{32}$/;

/** Reads what a sidecar sent; an unknown type is let through as null (a newer sidecar). */
export function readSidecarMessage(text: string): Result<SidecarMessage | null, Fault> {
  const read = readObject(text);
  if (!read.ok) return read;
  const { fields, facts } = read.value;
  switch (facts.text("type")) {
    case "hello":
      return ok({
        type: "hello",
        node: facts.text("node"),
        site: facts.text("site"),
        lastAck: facts.count("lastAck"),
      });
    case "events": {
      const events = fields["events"];
      if (!Array.isArray(events) || events.length > EVENTS_PER_MESSAGE_MAX) {
        return err(fault("CHP_CORE_MESSAGE", "`events` is no list, or too long a one"));
      }
      return ok({
        type: "events",
        from: facts.count("from"),
        events: events.map((one: unknown) => JSON.stringify(one)),
      });
    }
    case "ask-profile":
    case "profile":
      return readProfile(facts);
    case "done":
      return ok({ type: "done", id: facts.text("id"), outcome: facts.text("outcome") });
    default:
      return ok(null);
  }
}

/** Reads what a core sent; an unknown type is let through as null (a newer core). */
export function readCoreMessage(text: string): Result<CoreMessage | null, Fault> {
  const read = readObject(text);
  if (!read.ok) return read;
  const { facts } = read.value;
  const type = facts.text("type");
  switch (type) {
    case "ack":
      return ok({ type, upTo: facts.count("upTo") });
    case "profile":
      return ok({
        type,
        person: facts.text("person"),
        rating: facts.number("rating"),
        level: facts.text("level"),
        history: facts.count("history"),
      });
    case "risk":
      return ok({
        type,
        session: facts.text("session"),
        score: facts.number("score"),
        previous: facts.number("previous"),
        reasons: facts.texts("reasons"),
        ...(facts.has("signals") ? { signals: signalsOf(facts.list("signals", SIGNALS_MAX)) } : {}),
      });
    case "behaviour":
      return ok({
        type,
        id: facts.count("id"),
        name: facts.text("name"),
        revision: facts.count("revision"),
        sealed: facts.long("sealed", SEALED_MAX),
        yours: facts.flag("yours"),
      });
    case "rating":
      return ok({
        type,
        person: facts.text("person"),
        rating: facts.number("rating"),
        previous: facts.number("previous"),
        reason: facts.text("reason"),
      });
    case "command":
      return readCommand(facts);
    default:
      return ok(null);
  }
}

/** What has no p-value says nothing. */
function signalsOf(list: readonly Facts[]): readonly JudgedSignal[] {
  return list
    .map((one) => ({
      detector: one.text("detector"),
      pValue: one.number("pValue"),
      raised: one.flag("raised"),
      reason: one.text("reason"),
    }))
    .filter(({ pValue }) => pValue > 0 && pValue <= 1);
}

function readProfile(facts: Facts): Result<SidecarMessage, Fault> {
  const [id, name] = [facts.count("id"), facts.text("name")];
  if (!PROFILE_NAME.test(name)) return err(fault("CHP_CORE_MESSAGE", "no name of a profile"));
  if (facts.text("type") === "ask-profile") return ok({ type: "ask-profile", id, name });
  const sealed = facts.long("sealed", SEALED_MAX);
  if (sealed === null && !facts.isNull("sealed")) {
    return err(fault("CHP_CORE_MESSAGE", "`sealed` is no profile, or too long a one"));
  }
  const [person, base] = [facts.text("person"), facts.count("base")];
  return ok({ type: "profile", id, name, person, base, sealed });
}

function readCommand(facts: Facts): Result<CoreMessage, Fault> {
  const deed = CORE_DEEDS.find((one) => one === facts.text("do"));
  const [session, person] = [facts.text("session"), facts.text("person")];
  // A command that is not understood is not guessed: it is refused, and the core hears of it.
  if (deed === undefined || (session === "") === (person === "")) {
    return err(fault("CHP_CORE_MESSAGE", "a command names one deed, and a session or a person"));
  }
  return ok({
    type: "command",
    id: facts.text("id"),
    do: deed,
    reason: facts.text("reason"),
    ...(facts.text("trigger") === "" ? {} : { trigger: facts.text("trigger") }),
    ...(session === "" ? { person } : { session }),
  });
}

/** `events` go as objects, as the contract has them; they are not parsed to be sent. */
export function encodeSidecarMessage(message: SidecarMessage): string {
  if (message.type !== "events") return JSON.stringify(message);
  return `{"type":"events","from":${message.from},"events":[${message.events.join(",")}]}`;
}

interface ReadObject {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly facts: Facts;
}

function readObject(text: string): Result<ReadObject, Fault> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const fields = value as Readonly<Record<string, unknown>>; // an object has string keys
      return ok({ fields, facts: new Facts(fields) });
    }
  } catch {
    // Not JSON: as below.
  }
  return err(fault("CHP_CORE_MESSAGE", "not a JSON object"));
}
