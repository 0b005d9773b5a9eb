import type { MessageSource } from "../read/source.js";

/**
 * The message in the person's language (`pt-BR`, then `pt`, then any `pt-*`), else in English, else the
 * first that the rule has.
 */
export function chooseMessage(
  messages: readonly MessageSource[],
  language: string | undefined,
): string | undefined {
  const wanted = language?.toLowerCase();
  const exact = wanted === undefined ? undefined : textIn(messages, (one) => one === wanted);
  if (exact !== undefined) return exact;
  const primary = wanted?.split("-")[0];
  return (
    (primary === undefined ? undefined : textIn(messages, (one) => one === primary)) ??
    (primary === undefined
      ? undefined
      : textIn(messages, (one) => one.split("-")[0] === primary)) ??
    textIn(messages, (one) => one === "en") ??
    textIn(messages, (one) => one.startsWith("en-")) ??
    messages[0]?.text
  );
}

function textIn(
  messages: readonly MessageSource[],
  holds: (language: string) => boolean,
): string | undefined {
  return messages.find((one) => holds(one.language))?.text;
}
