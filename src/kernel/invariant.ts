/** A bug in our own code; never caused by a peer, a file or a person. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** States a law that can not be broken by anything from outside. */
export function invariant(condition: boolean, law: string): asserts condition {
  if (!condition) throw new InvariantError(law);
}

/** Closes a switch: a new kind does not compile until it is answered here. */
export function unreachable(kind: never): never {
  throw new InvariantError(`unhandled kind: ${JSON.stringify(kind)}`);
}
