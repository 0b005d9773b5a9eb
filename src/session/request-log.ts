import type { RecordedRequest, RecordEntry, WebMessage, WebView } from "../model/index.js";
import type { Outbox } from "./outbox.js";
import type { SessionSeed } from "./session.js";
import { PAGE_CHANNEL } from "./web-page.js";

/** The recording of the requests of a web session; begun with the first thing that is in it. */
interface RequestLog {
  readonly on: boolean;
  request(request: RecordedRequest): void;
  switched(request: RecordedRequest): void;
  message(number: number, message: WebMessage): void;
  view(view: WebView): void;
}

export function createRequestLog(
  { recording }: Pick<SessionSeed, "recording">,
  outbox: Outbox,
): RequestLog {
  if (recording.web !== "requests") return OFF;
  let begun = false;

  function add(entry: RecordEntry): void {
    if (!begun) {
      begun = true;
      const start = { type: "start", at: outbox.at, columns: 0, rows: 0, term: "" } as const;
      outbox.add({ kind: "record", channel: PAGE_CHANNEL, entry: start });
    }
    outbox.add({ kind: "record", channel: PAGE_CHANNEL, entry });
  }

  return {
    on: true,
    request: (request) => add({ type: "request", at: outbox.at, request: masked(request) }),
    switched: (request) => add({ type: "socket", at: outbox.at, request: masked(request) }),
    message(number, message) {
      // Of what was typed not even that it was.
      if (message.of === "person" && recording.input !== "masked") return;
      add({ type: "message", at: outbox.at, number, message });
    },
    view: (view) => add({ type: "view", at: outbox.at, view }),
  };

  /** What was typed is in no recording where that is wanted. */
  function masked(request: RecordedRequest): RecordedRequest {
    const typed = request.bodies.some((body) => body.of === "request");
    if (!typed || recording.input === "masked") return request;
    return { ...request, bodies: request.bodies.filter((body) => body.of !== "request") };
  }
}

const OFF: RequestLog = {
  on: false,
  request: () => undefined,
  switched: () => undefined,
  message: () => undefined,
  view: () => undefined,
};
