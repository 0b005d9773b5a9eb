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

function attributesOf(
  event: ToldEvent,
  story: Story,
): Readonly<Record<string, string | number | boolean | undefined>> {
  const session = sessionOf(event);
  const { command, rule, file, web, traffic } = story;
  const origin = session?.origin ?? story.origin ?? "";
  const isAddress = addressKind(origin) !== "name";
  return {
    // Thirteen digits need no devTimeFormat.
    devTime: event.timeMs,
    cat: story.kind,
    sev: SEVERITY[story.severity].cef,
    src: isAddress ? origin : undefined,
    identHostName: isAddress ? undefined : origin,
    usrName: session?.person ?? story.person,
    accountName: session?.account,
    resource: session?.target,
    policy: rule?.id,
    isLoginEvent: story.kind === "login" ? true : undefined,
    isLogoutEvent: story.kind === "session-closed" ? true : undefined,
    srcBytes: traffic?.toTarget,
    dstBytes: traffic?.toPerson,
    url: web?.url,
    // Custom properties from here on.
    action: story.action,
    outcome: story.outcome,
    reason: story.reason,
    eventName: story.name,
    eventId: event.id,
    sequence: event.sequence,
    node: nodeOf(event),
    operation: story.operation,
    application: session?.protocol,
    sessionId: session?.id,
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
    groupedCount: event.grouped?.count,
    truncated: event.cut === undefined ? undefined : true,
    untruncatedBytes: event.cut?.untruncatedBytes,
    truncatedFields: event.cut?.fields.join(","),
    message: story.message,
  };
}
