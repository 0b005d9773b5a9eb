export * from "./analyse.js";
export { analyseLine, isOpaque } from "./analyse-line.js";
export { commandLines } from "./command-lines.js";
export {
  changedFiles,
  learnFiles,
  learnFromLine,
  learnFromShortened,
  learnFromUnseen,
  type FileChange,
} from "./learn.js";
export { standingIn } from "./standing.js";
export { DELETING_PROGRAMS } from "./effects/deletions.js";
export { compileGlob, matchesGlob, matchesSteps } from "./words/glob.js";
export { resolvePath } from "./words/path.js";
export { readsCommands } from "./wrappers/stdin-commands.js";
export { SHELLS } from "./wrappers/table.js";
export type { LocatedInvocation } from "./walk/walk.js";
export {
  openHereDocument,
  withoutBody,
  withoutLongTexts,
  type OpenHereDocument,
} from "./here-document.js";
export * from "./windows/index.js";
