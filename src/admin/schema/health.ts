import { z } from "zod";

/** Told to anybody: it must not say more than "I live". */
export const health = z
  .object({ status: z.literal("ok") })
  .meta({ id: "Health", description: "The process answers." });

export const readiness = z
  .object({
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
  })
  .meta({ id: "Readiness", description: "Whether new sessions are taken." });
export type Readiness = z.output<typeof readiness>;

export const about = z
  .object({
    version: z.string(),
    site: z.string(),
    node: z.string(),
    startedAt: z.string(),
    caller: z.object({ name: z.string(), role: z.enum(["viewer", "operator", "admin"]) }),
  })
  .meta({ id: "About", description: "Which sidecar this is, and as whom you speak to it." });
export type About = z.output<typeof about>;
