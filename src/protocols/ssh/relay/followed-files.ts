import { createHash } from "node:crypto";
import type { ChannelId } from "../../../kernel/index.js";
import type { Answer, FileWatch } from "../../../model/index.js";
import type { Digest, FileAnswer, FileStream, FileStreamPorts } from "../files/file-stream.js";
import type { SessionHandle } from "../ports.js";
import { createScpStream } from "../scp/scp-stream.js";
import { createSftpStream } from "../sftp/sftp-stream.js";
import type { Asking } from "./asking.js";
import type { StreamEnds } from "./channel-pair.js";

/** The decoder that a stream needs, between its two ends and the core. */
export function followFiles(deps: {
  readonly channel: ChannelId;
  readonly handle: SessionHandle;
  readonly asking: Asking;
  readonly watch: FileWatch;
  readonly ends: StreamEnds;
}): FileStream {
  const { channel, handle, asking, watch } = deps;
  const ports: FileStreamPorts = {
    ...deps.ends,
    ask(asked, answered) {
      asking.ask(
        (request) => handle.input({ kind: "file-asked", channel, request, asked }),
        (answer) => answered(fileAnswer(answer)),
      );
    },
    done: (done) => handle.input({ kind: "file-done", channel, done }),
    lost: (reason) => handle.input({ kind: "file-lost", channel, reason }),
    sha256,
  };
  return watch.protocol === "sftp" ? createSftpStream(ports, watch) : createScpStream(ports, watch);
}

function fileAnswer(answer: Answer): FileAnswer {
  if (answer.type === "refused") return answer;
  if (answer.type !== "file") return { type: "refused", reason: "nobody answers for it" };
  return answer.grant === "resolve"
    ? { type: "resolve" }
    : { type: "granted", grant: answer.grant };
}

function sha256(): Digest {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), finish: () => hash.digest("hex") };
}
