import type { Story, StoryKind } from "../story.js";

/** OCSF 1.8 classes that we use: class_uid and category_uid. */
export const CLASS = {
  "base-event": { uid: 0, category: 0 },
  "file-activity": { uid: 1001, category: 1 },
  "process-activity": { uid: 1007, category: 1 },
  "detection-finding": { uid: 2004, category: 2 },
  "account-change": { uid: 3001, category: 3 },
  authentication: { uid: 3002, category: 3 },
  "entity-management": { uid: 3004, category: 3 },
  "network-activity": { uid: 4001, category: 4 },
  "http-activity": { uid: 4002, category: 4 },
  "rdp-activity": { uid: 4005, category: 4 },
  "ssh-activity": { uid: 4007, category: 4 },
  "tunnel-activity": { uid: 4014, category: 4 },
  "api-activity": { uid: 6003, category: 6 },
  "application-lifecycle": { uid: 6002, category: 6 },
} as const;
export type ClassName = keyof typeof CLASS;

export interface Classified {
  readonly class: ClassName;
  /** activity_id; 99 is "other". */
  readonly activity: number;
}

/** Class and activity of a story, https://schema.ocsf.io/1.8.0/ */
export function classify(story: Story, protocol: string | undefined): Classified {
  return CLASSIFIERS[story.kind](protocol ?? "", story);
}

const OTHER = 99;
/** Our operations as activities of the class: create, read, delete, rename, set attributes. */
const FILE_OPERATIONS: Readonly<Record<string, number>> = {
  mkdir: 1,
  link: 1,
  list: 2,
  remove: 4,
  rmdir: 4,
  rename: 5,
  setstat: 6,
};
type Classifier = (protocol: string, story: Story) => Classified;
const always =
  (name: ClassName, activity: number): Classifier =>
  () => ({ class: name, activity });

const CLASSIFIERS: Readonly<Record<StoryKind, Classifier>> = {
  "session-opened": (protocol) => connection(protocol, { network: 1, rdp: 3 }),
  "session-closed": (protocol) => connection(protocol, { network: 2, rdp: 7 }),
  "session-failed": (protocol) => connection(protocol, { network: 4, rdp: OTHER }),
  "session-changed": (protocol) => connection(protocol, { network: OTHER, rdp: OTHER }),
  login: always("authentication", 1),
  "step-up": always("authentication", 6),
  approval: always("detection-finding", 1),
  command: always("process-activity", 1),
  detection: always("detection-finding", 1),
  anomaly: always("detection-finding", 1),
  response: always("detection-finding", 1),
  "channel-opened": (protocol) => connection(protocol, { network: 1, rdp: OTHER }),
  "channel-closed": (protocol) => connection(protocol, { network: 2, rdp: OTHER }),
  "channel-refused": (protocol) => connection(protocol, { network: 5, rdp: OTHER }),
  "tunnel-opened": always("tunnel-activity", 1),
  "tunnel-closed": always("tunnel-activity", 2),
  "tunnel-refused": always("tunnel-activity", OTHER),
  "file-sent": always("file-activity", 1),
  "file-fetched": always("file-activity", 2),
  "file-changed": (_, story) => ({
    class: "file-activity",
    activity: FILE_OPERATIONS[story.file?.operation ?? ""] ?? OTHER,
  }),
  clipboard: always("base-event", OTHER),
  web: (_, story) => ({
    class: "http-activity",
    activity: HTTP_METHODS[story.web?.method ?? ""] ?? OTHER,
  }),
  "account-locked": always("account-change", 9),
  "account-unlocked": always("account-change", 12),
  "credential-viewed": always("entity-management", 2),
  "credential-changed": always("entity-management", 3),
  score: always("detection-finding", 2),
  operator: always("base-event", OTHER),
  "api-call": always("api-activity", OTHER),
  "service-started": always("application-lifecycle", 3),
  "service-stopped": always("application-lifecycle", 4),
  "service-changed": always("application-lifecycle", 8),
  "service-troubled": always("application-lifecycle", OTHER),
};

/** SSH and network activity share their numbers; RDP has its own. */
function connection(protocol: string, activity: { network: number; rdp: number }): Classified {
  if (protocol === "rdp") return { class: "rdp-activity", activity: activity.rdp };
  return {
    class: protocol === "ssh" ? "ssh-activity" : "network-activity",
    activity: activity.network,
  };
}

const HTTP_METHODS: Readonly<Record<string, number>> = {
  CONNECT: 1,
  DELETE: 2,
  GET: 3,
  HEAD: 4,
  OPTIONS: 5,
  POST: 6,
  PUT: 7,
  TRACE: 8,
  PATCH: 9,
};
