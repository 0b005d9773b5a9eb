import { escapeControls } from "../../kernel/index.js";
import { nodeOf, sessionOf, type ToldEvent } from "../told-event.js";
import { addressKind, programName } from "./address.js";
import { SEVERITY } from "./severity.js";
import { cutText } from "./shorten.js";
import type { FormatOptions, Story } from "./story.js";

/**
 * CEF:0 (ArcSight Common Event Format, implementation standard rev. 25). The same slots in every
 * event: cs1 session, cs2 command, cs3 rule, cs4 factor, cs5 rule author, cs6 tags; cn1 rule score,
 * cn3 the untruncated size when something was cut. A receiver takes only so much in each key: a
 * longer value is cut, and then `cn3` and `flexString1` say so.
 */
export function toCef(event: ToldEvent, story: Story, options: FormatOptions): string {
  const header = [
    "CEF:0",
    "Chaperone",
    "Chaperone",
    options.version,
    event.type,
    story.name,
    String(SEVERITY[story.severity].cef),
  ];
  const fields = new CefFields();
  addWhen(fields, event);
  addWho(fields, event, story);
  addWhat(fields, event, story);
  addMarks(fields, event);
  return `${header.map(escapeHeader).join("|")}|${fields.text()}`;
}

/** Bytes a receiver takes of each key (producer limits of the standard); others: unbounded. */
const BYTES_MAX: Readonly<Record<string, number>> = {
  act: 63,
  app: 31,
  cat: 1023,
  cs1: 4000,
  cs2: 4000,
  cs3: 4000,
  cs4: 4000,
  cs5: 4000,
  cs6: 4000,
  dhost: 1023,
  dproc: 1023,
  duser: 1023,
  dvchost: 100,
  externalId: 255,
  filePath: 1023,
  fname: 1023,
  fileHash: 255,
  msg: 1023,
  outcome: 63,
  reason: 1023,
  request: 1023,
  shost: 1023,
  suser: 1023,
};

class CefFields {
  readonly #pairs: string[] = [];
  readonly #cut: string[] = [];

  get cut(): readonly string[] {
    return this.#cut;
  }

  /** Each key once; nothing is written for what there is not. */
  add(key: string, value: string | number | undefined): void {
    if (value === undefined || value === "") return;
    const whole = String(value);
    const text = cutText(whole, BYTES_MAX[key] ?? Infinity);
    if (text !== whole) this.#cut.push(key);
    this.#pairs.push(`${key}=${escapeExtension(text)}`);
  }

  /** A custom slot never stands without its label. */
  slot(key: string, label: string, value: string | number | undefined): void {
    if (value === undefined || value === "") return;
    this.add(`${key}Label`, label);
    this.add(key, value);
  }

  text(): string {
    return this.#pairs.join(" ");
  }
}

function addWhen(fields: CefFields, event: ToldEvent): void {
  fields.add("rt", event.timeMs);
  fields.add("start", event.grouped?.sinceMs ?? event.timeMs);
  fields.add("end", event.grouped?.untilMs);
  fields.add("cnt", event.grouped?.count);
  fields.add("externalId", event.id);
  fields.add("dvchost", nodeOf(event));
}

function addWho(fields: CefFields, event: ToldEvent, story: Story): void {
  const session = sessionOf(event);
  fields.add("suser", session?.person ?? story.person);
  addOrigin(fields, session?.origin ?? story.origin ?? "");
  fields.add("app", session?.protocol.toUpperCase());
  fields.add("duser", session?.account);
  fields.add("dhost", session?.target);
}

/** A key for each kind of address: a name in `src` makes receivers drop the event. */
function addOrigin(fields: CefFields, origin: string): void {
  switch (addressKind(origin)) {
    case "ipv4":
      fields.add("src", origin);
      break;
    case "ipv6":
      fields.slot("c6a2", "Source IPv6 Address", origin);
      break;
    case "name":
      fields.add("shost", origin);
  }
}

function addWhat(fields: CefFields, event: ToldEvent, story: Story): void {
  const { command, rule, file, web } = story;
  fields.add("cat", story.kind);
  fields.add("act", story.action);
  fields.add("outcome", story.outcome);
  fields.add("reason", story.reason);
  if (command?.program !== undefined) fields.add("dproc", programName(command.program));
  fields.add("in", story.traffic?.toTarget);
  fields.add("out", story.traffic?.toPerson);
  fields.add("filePath", file?.path);
  fields.add("fsize", file?.bytes);
  fields.add("fileHash", file?.sha256);
  fields.add("requestMethod", web?.method ?? story.operation);
  fields.add("request", web?.url);
  fields.slot("cs1", "Session ID", sessionOf(event)?.id);
  fields.slot("cs2", "Command", command?.text);
  fields.slot("cs3", "Rule", rule && [rule.id, rule.name].filter(Boolean).join(" "));
  fields.slot("cs4", "Factor", story.factor);
  fields.slot("cs5", "Rule Author", rule?.author?.join(", "));
  fields.slot("cs6", "Tags", rule?.tags?.join(", "));
  fields.slot("cn1", "Rule Score", story.riskScore);
  fields.add("msg", story.message);
}

function addMarks(fields: CefFields, event: ToldEvent): void {
  const cut = [...(event.cut?.fields ?? []), ...fields.cut];
  if (cut.length === 0) return;
  const bytes = event.cut?.untruncatedBytes ?? Buffer.byteLength(JSON.stringify(event.data));
  fields.slot("cn3", "Untruncated Bytes", bytes);
  fields.slot("flexString1", "Truncated", [...new Set(cut)].join(","));
}

/** In the header `\` and `|` are escaped, and there are no line breaks. */
function escapeHeader(text: string): string {
  return escapeControls(text).replace(/[\\|]/g, (found) => `\\${found}`);
}

/** In the extension `\` and `=` are escaped, line breaks are written as `\n` and `\r`. */
function escapeExtension(text: string): string {
  return text
    .split(/(\r|\n)/)
    .map((part) => {
      if (part === "\n") return "\\n";
      if (part === "\r") return "\\r";
      return escapeControls(part).replace(/[\\=]/g, (found) => `\\${found}`);
    })
    .join("");
}
