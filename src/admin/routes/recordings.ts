import { ok } from "../../kernel/index.js";
import { defineRoute, reply, type Route } from "../route.js";
import {
  contentParams,
  recordingList,
  recordingParams,
  recordingQuery,
} from "../schema/recordings.js";

/** Neither is registered with IANA. */
const MEDIA = {
  asciicast: "application/x-asciicast",
  guacamole: "application/x-guacamole-recording",
  requests: "application/x-ndjson",
} as const;
/** Of age, or of a person: nothing that a browser may take for a page. */
const BYTES = "application/octet-stream";

export const RECORDING_ROUTES: readonly Route[] = [
  defineRoute({
    operation: "listRecordings",
    method: "GET",
    path: "/v1/recordings",
    needs: "operator",
    summary: "Recordings, newest first",
    query: recordingQuery,
    answer: { type: "json", status: 200, schema: recordingList },
    about: ({ query }) => (query.session === undefined ? {} : { session: query.session }),
    async handle({ query }, { recordings }) {
      const { session, day, limit } = query;
      const found = await recordings.list({
        limit,
        ...(session === undefined ? {} : { session }),
        ...(day === undefined ? {} : { day }),
      });
      return ok(reply({ recordings: found.slice(0, limit), more: found.length > limit }));
    },
  }),
  defineRoute({
    operation: "downloadRecording",
    method: "GET",
    path: "/v1/recordings/:id",
    needs: "operator",
    summary:
      "The recording itself: asciicast v2, of a desktop as guacd records, of a web session its requests",
    params: recordingParams,
    answer: {
      type: "text",
      media: MEDIA.asciicast,
      describe: `asciicast v2 (of a desktop ${MEDIA.guacamole}, of requests ${MEDIA.requests}); encrypted ones ${BYTES}; of a live session: as far as it is`,
    },
    about: ({ params }) => ({ subject: params.id }),
    async handle({ params }, { recordings }) {
      const opened = await recordings.open(params.id);
      if (!opened.ok) return opened;
      const { format, encrypted, ...file } = opened.value;
      return ok({ type: "file", media: encrypted ? BYTES : MEDIA[format], ...file });
    },
  }),
  defineRoute({
    operation: "downloadContent",
    method: "GET",
    path: "/v1/contents/:name",
    needs: "operator",
    summary:
      "What a file or a clipboard of a desktop held (recording.content), by the contentFile of its event",
    params: contentParams,
    answer: {
      type: "text",
      media: BYTES,
      describe:
        "as it passed, `.age` where recordings are encrypted, `.cut` where the disk did not take all of it",
    },
    about: ({ params }) => ({ subject: params.name }),
    async handle({ params }, { recordings }) {
      const opened = await recordings.openContent(params.name);
      if (!opened.ok) return opened;
      return ok({ type: "file", media: BYTES, ...opened.value });
    },
  }),
];
