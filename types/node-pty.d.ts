/**
 * `node-pty` is installed under that name from the prebuilt package of the same code (no compiler
 * needed); its types are declared under the prebuilt package's own name, in a file that both tsconfigs
 * name.
 */
declare module "node-pty" {
  export * from "@lydell/node-pty";
}

/** Bytes are taken as they are (the declared types know strings only). */
declare module "@lydell/node-pty" {
  interface IPty {
    write(data: Buffer): void;
  }
}
