import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";

export function storeFault(where: string, error: unknown): Fault {
  const said = error instanceof Error ? error.message : String(error);
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
