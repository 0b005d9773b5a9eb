import type { LoggedEvent, LoggedText } from "./private-fields.js";

/** An event as delivery gives it to the log. */
export function logged({ data, ...envelope }: LoggedEvent): LoggedText {
  const text = JSON.stringify({ ...envelope, data });
  return {
    id: String(envelope["id"]),
    type: /^io\.chaperone\.(.*)\.v1$/.exec(String(envelope["type"]))?.[1] ?? "",
    subject: String(envelope["subject"]),
    text,
    dataAt: text.length - 1 - JSON.stringify(data).length,
  };
}
