import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { Secret } from "../kernel/index.js";
import { publicKeyPin, type TlsTrust } from "./tls-client.js";

/** An authority with a server (localhost, 127.0.0.1) and a client, made for one test by openssl. */
export interface TlsLab {
  readonly dir: string;
  /** PEM files in `dir`: ca.pem, server.pem, server.key, client.pem, client.key. */
  readonly file: (name: string) => string;
  /** Trusts the authority, and shows the client's certificate. */
  readonly trust: () => TlsTrust;
  readonly serverPin: string;
}

export function makeTlsLab(dir: string): TlsLab {
  const file = (name: string) => join(dir, name);
  // A configuration of our own: what the machine's says is none of the test's business.
  writeFileSync(file("openssl.cnf"), CONFIGURATION);
  const env = { ...process.env, OPENSSL_CONF: file("openssl.cnf") };
  const run = (...args: string[]) =>
    execFileSync("openssl", args, { cwd: dir, env, stdio: "pipe" });
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  run(
    "req",
    "-x509",
    ...ec,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=lab",
  );
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
  for (const [who, extensions] of [
    ["server", `${names}extendedKeyUsage=serverAuth\n`],
    ["client", "extendedKeyUsage=clientAuth\n"],
  ] as const) {
    writeFileSync(file(`${who}.ext`), extensions);
    run("req", ...ec, "-keyout", `${who}.key`, "-out", `${who}.csr`, "-subj", `/CN=${who}`);
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"];
    run(
      "x509",
      "-req",
      "-in",
      `${who}.csr`,
      ...signed,
      "-extfile",
      `${who}.ext`,
      "-out",
      `${who}.pem`,
    );
  }
  const read = (name: string) => readFileSync(file(name), "utf8");
  return {
    dir,
    file,
    trust: () => ({
      ca: read("ca.pem"),
      cert: read("client.pem"),
      key: new Secret(Uint8Array.from(readFileSync(file("client.key")))),
    }),
    serverPin: publicKeyPin(new X509Certificate(read("server.pem")).raw),
  };
}

const CONFIGURATION = `[req]
distinguished_name = name
x509_extensions = authority
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`;
