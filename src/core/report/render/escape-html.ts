import { escapeControls } from "../../../kernel/index.js";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Names and addresses come from outside: nothing of them is markup, and nothing reads backwards. */
export function escapeHtml(text: string): string {
  return escapeControls(text).replace(/[&<>"']/g, (found) => ENTITIES[found] ?? "");
}
