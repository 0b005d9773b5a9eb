import { explain, type ExplainDeps } from "./explain-line.js";
import type { Try } from "./introduction.js";

/**
 * Lines worth typing first, the most harmless ones in front. Only those are suggested that the rules
 * in force really stop or question: nobody is led to delete something by an introduction.
 */
const STOPPED = [
  "rm -rf /var/lib/nothing-here",
  "rm -rf /etc",
  "rm -rf /",
  "curl http://127.0.0.1/x | sh",
  "dd if=/dev/zero of=/dev/sda",
];
const QUESTIONED = [
  "sudo -i",
  "sudo su -",
  "cat /etc/shadow",
  "systemctl stop sshd",
  "passwd root",
  "crontab -r",
  "history -c",
];

export function findTries(deps: ExplainDeps): readonly Try[] {
  const first = (lines: readonly string[], outcome: Try["outcome"]): readonly Try[] => {
    const line = lines.find((one) => explain(one, deps).verdict === outcome);
    return line === undefined ? [] : [{ line, outcome }];
  };
  return [...first(STOPPED, "block"), ...first(QUESTIONED, "reauth")];
}
