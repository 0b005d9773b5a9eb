import { escapeControls } from "../../kernel/index.js";
import { nodeOf, sessionOf, type ToldEvent } from "../told-event.js";
import { addressKind } from "./address.js";
import { SEVERITY } from "./severity.js";
import type { FormatOptions, Story } from "./story.js";

const DELIMITER = "\t";

/**
 * LEEF 2.0 (IBM QRadar Log Event Extended Format). Attributes are separated by tabs; the format has
 * no escapes, so control characters in values are written as `\x09` and the like.
 */
export function toLeef(event: ToldEvent, story: Story, options: FormatOptions): string {
  const header = ["LEEF:2.0", "Chaperone", "Chaperone", options.version, event.type, "x09"];
  const attributes = Object.entries(attributesOf(event, story))
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([key, value]) => `${key}=${escapeControls(String(value))}`);
  return `${header.map(escapeHeader).join("|")}|${attributes.join(DELIMITER)}`;
}

/** A bar would start the next field of the header. */
function escapeHeader(text: string): string {
  return escapeControls(text).replace(/\|/g, "\\x7c");
}

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

function attributesOf(event: ToldEvent, story: Story): Attributes {
  return {
    // Thirteen digits need no devTimeFormat.
    devTime: event.timeMs,
    cat: story.kind,
    sev: SEVERITY[story.severity].cef,
    ...whoAttributes(event, story),
    isLoginEvent: story.kind === "login" ? true : undefined,
    isLogoutEvent: story.kind === "session-closed" ? true : undefined,
    ...whatAttributes(story),
    eventId: event.id,
    sequence: event.sequence,
    node: nodeOf(event),
    ...markAttributes(event),
    message: story.message,
  };
}

/** Keys that QRadar knows by itself, then custom properties. */
function whoAttributes(event: ToldEvent, story: Story): Attributes {
  const session = sessionOf(event);
  const origin = session?.origin ?? story.origin ?? "";
  const isAddress = addressKind(origin) !== "name";
  return {
    src: isAddress ? origin : undefined,
    identHostName: isAddress ? undefined : origin,
    usrName: session?.person ?? story.person,
    accountName: session?.account,
    resource: session?.target,
    application: session?.protocol,
    sessionId: session?.id,
  };
}

function whatAttributes(story: Story): Attributes {
  const { command, rule, file, web, traffic } = story;
  return {
    policy: rule?.id,
    srcBytes: traffic?.toTarget,
    dstBytes: traffic?.toPerson,
    url: web?.url,
    action: story.action,
    outcome: story.outcome,
    reason: story.reason,
    eventName: story.name,
    operation: story.operation,
    command: command?.text,
    runAs: command?.runas,
    factor: story.factor,
    ruleName: rule?.name,
    ruleAuthor: rule?.author?.join(", "),
    ruleTags: rule?.tags?.join(", "),
    riskScore: story.riskScore,
    filePath: file?.path,
    fileBytes: file?.bytes,
    sha256: file?.sha256,
    requestMethod: web?.method,
  };
}

function markAttributes({ cut, grouped }: ToldEvent): Attributes {
  return {
    groupedCount: grouped?.count,
    truncated: cut === undefined ? undefined : true,
    untruncatedBytes: cut?.untruncatedBytes,
    truncatedFields: cut?.fields.join(","),
  };
}
