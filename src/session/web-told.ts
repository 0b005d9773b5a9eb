import type { CommandDecision, EventData, SessionRef } from "../events/index.js";
import type { RequestId } from "../kernel/index.js";
import type { RecordedRequest, WebAsked, WebExchange, WebOutcome } from "../model/index.js";

/** A request that is over. */
export interface EndedRequest {
  readonly request: RequestId;
  readonly asked: WebAsked;
  readonly outcome: WebOutcome;
  readonly decision: CommandDecision;
  /** Ids of those that hit, each once. */
  readonly rules: readonly string[];
}

/**
 * What `web.requested` says. Here and below objects are written out, one shape for nearly all of them: this
 * is done for every request, and spreading them costs more than judging it.
 */
export function requestedData(
  { request, asked: { activity, url, fields }, outcome, decision, rules }: EndedRequest,
  { session, rulesDigest }: { readonly session: SessionRef; readonly rulesDigest: string },
): EventData["web.requested"] {
  const { method } = activity;
  const { status, bytes, durationMs, contentType } = outcome;
  const data: EventData["web.requested"] = {
    session,
    request,
    method,
    url,
    status,
    bytes,
    durationMs,
    decision,
    rules,
    rulesDigest,
  };
  if (contentType !== undefined) data.contentType = contentType;
  if (fields !== undefined) data.fields = fields;
  if (activity.operation !== undefined) data.operation = activity.operation;
  if (activity.upgrade !== undefined) data.upgrade = activity.upgrade;
  return data;
}

/** What the request log says. */
export function recordedRequest(
  { request: number, asked: { activity }, outcome, decision, rules }: EndedRequest,
  { protocol, url, asked, answered, headMs, bodies }: WebExchange,
): RecordedRequest {
  const { method } = activity;
  return headMs === undefined
    ? { protocol, url, asked, answered, bodies, number, method, outcome, decision, rules }
    : { protocol, url, asked, answered, headMs, bodies, number, method, outcome, decision, rules };
}
