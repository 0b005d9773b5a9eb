import { ok, type Fault, type Result } from "../kernel/index.js";
import {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
} from "../net/index.js";
import type { TlsLookup } from "./plugin.js";

/** A client that is made at its first use, and again after its TLS material could not be read. */
export interface LazyHttp {
  send(request: HttpRequest): Promise<Result<HttpAnswer, Fault>>;
  close(): void;
}

export function lazyHttp(tls: TlsLookup): LazyHttp {
  let client: HttpClient | null = null;

  function get(): Result<HttpClient, Fault> {
    if (client !== null) return ok(client);
    const trust = tls();
    if (!trust.ok) return trust;
    const made = createHttpClient({ tls: trust.value });
    trust.value.key?.wipe();
    if (made.ok) client = made.value;
    return made;
  }

  return {
    async send(request) {
      const ready = get();
      return ready.ok ? await ready.value.send(request) : ready;
    },
    close() {
      client?.close();
      client = null;
    },
  };
}
