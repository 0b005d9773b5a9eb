import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";

/** Another core has the store, or has had it meanwhile: what this one remembers is no longer true. */
export class TakenError extends Error {}

export function storeFault(where: string, error: unknown): Fault {
  if (error instanceof TakenError) return fault("CHP_CORE_STORE_TAKEN", where);
  const said = describeError(error);
  return fault("CHP_CORE_STORE", `${where}: ${said}`);
}

/** What a database rejects with, as a value. */
export async function tried<T>(where: string, work: () => Promise<T>): Promise<Result<T, Fault>> {
  try {
    return ok(await work());
  } catch (error) {
    return err(storeFault(where, error));
  }
}
