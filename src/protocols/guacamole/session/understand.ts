import { createHash } from "node:crypto";
import type { DesktopPolicy, DesktopProtocol } from "../../../model/index.js";
import {
  createUnderstanding,
  type JudgeStream,
  type StreamPolicy,
  type Understanding,
} from "../understanding/index.js";

/** What a person does on a desktop of this protocol, under this policy. */
export function understandDesktop(options: {
  readonly protocol: DesktopProtocol;
  readonly policy: DesktopPolicy;
  readonly judge: JudgeStream;
  /** The content of files and clipboards is kept. */
  readonly pieces?: boolean;
}): Understanding {
  const { protocol, policy, judge, pieces = false } = options;
  return createUnderstanding({
    protocol,
    policy: streamPolicyOf(policy),
    judge,
    pieces,
    signsInOnScreen: policy.signsInOnScreen ?? false,
    masking: { forms: policy.hideForms ?? true, prompting: policy.prompting ?? [] },
    createDigest() {
      const hash = createHash("sha256");
      return {
        update: (bytes) => void hash.update(bytes),
        hex: () => hash.digest("hex"),
      };
    },
  });
}

function streamPolicyOf(policy: DesktopPolicy): StreamPolicy {
  const { clipboardBytesMax, fileBytesMax } = policy;
  const writes = !policy.readOnly;
  return {
    clipboard: {
      upload: { allowed: policy.paste && writes, bytesMax: clipboardBytesMax },
      download: { allowed: policy.copy, bytesMax: clipboardBytesMax },
    },
    upload: { allowed: policy.upload && writes, bytesMax: fileBytesMax },
    download: { allowed: policy.download, bytesMax: fileBytesMax },
    listing: policy.download || policy.upload,
    pipe: { upload: policy.pipes && writes, download: policy.pipes },
    microphone: policy.microphone && writes,
    usb: false,
  };
}
