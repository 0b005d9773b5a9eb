import type { CoreLog, Notice } from "../../core/index.js";
import { describeFault } from "../../kernel/index.js";
import type { CoreConfig, Environment } from "../config/index.js";
import { createCoreMailer } from "./core-mailer.js";

/** Tells administrators by mail, one mail a notice. What can not be sent is tried again. */
export interface CoreNotices {
  tell(notice: Notice): void;
  stop(): Promise<void>;
}

/** Notices that wait for a mail server; beyond it the oldest go, and are counted in the log. */
const WAITING_MAX = 100;
const AGAIN_MS = 60_000;

/** Null where nobody is to be told. */
export function createCoreNotices(
  { notices = [], mail }: Pick<CoreConfig, "notices" | "mail">,
  { env, log }: { readonly env: Environment; readonly log: CoreLog },
): CoreNotices | null {
  if (notices.length === 0 || mail === undefined) return null;
  const { subject: prefix } = mail;
  const mailer = createCoreMailer(mail, env);
  const waiting: Notice[] = [];
  let timer: NodeJS.Timeout | null = null;
  let sending: Promise<void> | null = null;
  let stopped = false;

  async function send(): Promise<void> {
    for (;;) {
      const [first] = waiting;
      if (first === undefined || stopped) return;
      const { id, subject, text } = first;
      const sent = await mailer.send({ to: notices, subject: `${prefix} ${subject}`, text, id });
      if (!sent.ok) {
        log.error("notice-not-sent", { id, fault: describeFault(sent.error) });
        timer = setTimeout(pump, AGAIN_MS);
        timer.unref();
        return;
      }
      waiting.splice(waiting.indexOf(first), 1);
    }
  }

  function pump(): void {
    sending ??= send().finally(() => {
      sending = null;
    });
  }

  return {
    tell(notice) {
      waiting.push(notice);
      if (waiting.length > WAITING_MAX) {
        log.error("notice-dropped", { id: waiting.shift()?.id });
      }
      pump();
    },
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await sending;
      mailer.close();
    },
  };
}
