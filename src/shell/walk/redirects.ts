import type { Redirect } from "../../model/index.js";
import type { Redirection } from "../syntax/parse-script.js";
import { evaluateBody, evaluateText } from "../words/evaluate.js";
import { UNKNOWN, valueOf, type Text } from "../words/text.js";
import { readFile, writeFile } from "./files.js";
import type { Gathering } from "./gathering.js";
import { inputOf, textOf, write, type Input, type Output } from "./output.js";
import { openDescriptor, type Scope } from "./scope.js";
import { processPath } from "./gathering.js";

/** Where the standard output of a command goes. */
export type Sink =
  | { readonly type: "file"; readonly path: Text; readonly append: boolean }
  /** Standard error, `/dev/null`, a closed or unknown descriptor. */
  | { readonly type: "away" }
  | { readonly type: "process" };

export interface ReadRedirects {
  readonly redirects: readonly Redirect[];
  /** Text that is fed, when something is redirected. */
  readonly stdin: Input | undefined;
  readonly sink: Sink | undefined;
  /** Files that other descriptors than standard output are opened to write. */
  readonly others: readonly { readonly fd: number; readonly path: Text }[];
}

const NONE: ReadRedirects = { redirects: [], stdin: undefined, sink: undefined, others: [] };

/** Redirects of a command: files by operator, what feeds it, and where its output goes. */
export function readRedirects(nodes: readonly Redirection[], gathering: Gathering): ReadRedirects {
  if (nodes.length === 0) return NONE;
  const redirects: Redirect[] = [];
  const others: { fd: number; path: Text }[] = [];
  let stdin: Input | undefined;
  let sink: Sink | undefined;
  for (const node of nodes) {
    const fd = node.descriptor?.type === "FileDescriptor" ? node.descriptor.value : undefined;
    if (node.type !== "Redirect") {
      const text = fedText(node, gathering);
      if (fd === undefined || fd === 0) stdin = inputOf(text);
      else openDescriptor(gathering.scope, fd, { input: text });
      continue;
    }
    const target = node.target === undefined ? UNKNOWN : evaluateText(node.target, gathering);
    redirects.push({
      op: node.operator,
      target: node.target === undefined ? null : valueOf(target),
    });
    const both = node.operator === "<>" && fd === 1;
    if (node.operator.startsWith("<") && !both) {
      const text = inputText(node.operator, target, gathering);
      if (fd === undefined || fd === 0) stdin = inputOf(text);
      else openToRead(node.operator, fd, { text, target, gathering, others });
      continue;
    }
    const opened = sinkOf(node.operator, target, gathering);
    if (opened === undefined) continue;
    if (fd === undefined || fd === 1) sink = opened;
    else if (opened.type === "file") {
      if (fd === 2) writeFile(gathering.scope, target, UNKNOWN, opened.append);
      else others.push({ fd, path: target });
    }
  }
  return { redirects, stdin, sink, others };
}

function openToRead(
  operator: string,
  fd: number,
  {
    text,
    target,
    gathering,
    others,
  }: { text: Text; target: Text; gathering: Gathering; others: { fd: number; path: Text }[] },
): void {
  openDescriptor(gathering.scope, fd, { input: text });
  // `exec 9<>f`: it is written through it as well.
  if (operator === "<>" && fd > 2) others.push({ fd, path: target });
}

function fedText(node: Exclude<Redirection, { type: "Redirect" }>, gathering: Gathering): Text {
  if (node.type === "HereDoc") {
    const { text, parts } = node.body;
    // Without an expansion the parser leaves the body as it is written, backslashes and all.
    const plain =
      node.delimiter?.quoted === false ? text.replace(/\\(?:\n|([$`\\]))/g, "$1") : text;
    return evaluateBody(plain, parts, gathering);
  }
  const text = node.target === undefined ? UNKNOWN : evaluateText(node.target, gathering);
  return { ...text, text: `${text.text}\n` };
}

function inputText(operator: string, target: Text, gathering: Gathering): Text {
  if (operator === "<&") {
    if (target.text === "0") return gathering.frame.stdin ?? UNKNOWN;
    return gathering.scope.descriptors.get(Number(target.text))?.input ?? UNKNOWN;
  }
  return sourceText(gathering, target);
}

/** What can be read at a path: a process substitution, standard input, or a file we know. */
function sourceText(gathering: Gathering, path: Text): Text {
  const { processes, frame, scope } = gathering;
  const process = processes.find((_one, index) => processPath(index) === path.text);
  if (process !== undefined) return process.output;
  if (isStdin(path.text)) return frame.stdin ?? UNKNOWN;
  if (path.text === "/dev/null") return { text: "", known: true };
  return readFile(scope, path.text) ?? UNKNOWN;
}

export function isStdin(path: string): boolean {
  return path === "-" || path === "/dev/stdin" || /^\/(?:dev|proc\/self)\/fd\/0$/.test(path);
}

/** Undefined where it stays what it was. */
function sinkOf(operator: string, target: Text, gathering: Gathering): Sink | undefined {
  const { processes, scope } = gathering;
  if (/^\/(?:dev|proc\/self)\/(?:stdout|fd\/1)$/.test(target.text)) return undefined;
  if (operator === ">&" && /^(?:\d+-?|-)$/.test(target.text)) {
    if (target.text === "1") return undefined;
    const path = scope.descriptors.get(Number(target.text))?.path;
    if (path === undefined) return { type: "away" };
    return { type: "file", path: { text: path, known: true }, append: true };
  }
  if (processes.some((_one, index) => processPath(index) === target.text))
    return { type: "process" };
  if (target.text.startsWith("/dev/")) return { type: "away" };
  return { type: "file", path: target, append: operator.endsWith(">>") || operator === "<>" };
}

/** What becomes of the output of a command whose standard output is redirected. */
export function settleSink(sink: Sink | undefined, out: Output | undefined, scope: Scope): void {
  if (sink?.type === "file" && out !== undefined)
    writeFile(scope, sink.path, textOf(out), sink.append);
}

/** Passes on what a command wrote that was listened to on its way. */
export function passOn(from: Output | undefined, to: Output | undefined): void {
  if (from !== undefined && from !== to) write(to, textOf(from));
}
