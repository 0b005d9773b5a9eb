import type { HostFacts } from "./host.js";
import type { KeyPath, YamlDocument } from "./yaml-document.js";

export interface ResolveDeps {
  readonly document: YamlDocument;
  readonly host: HostFacts;
  /** Folder of the configuration file: relative paths start there. */
  readonly folder: string;
  /** Says what is wrong at a path; resolving goes on, so that all faults are told at once. */
  readonly complain: (path: KeyPath, message: string) => void;
}
