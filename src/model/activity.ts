/**
 * What a person does besides commands, as rules see it. Rooms that do not import the session fill
 * these in where the thing is asked for, before it happens.
 */
export type RuledActivity = TransferActivity | ForwardActivity;

/** A file on its way, seen from the person: `upload` goes to the target. */
export interface TransferActivity {
  readonly kind: "transfer";
  readonly direction: "upload" | "download";
  readonly via: TransferWay;
  /** On the target, as asked for. */
  readonly path: string;
  /** Absent until it is known: rules about sizes do not hold before. */
  readonly bytes?: number;
  /** Lower-case hex, once the whole file has passed. */
  readonly sha256?: string;
}

export const TRANSFER_WAYS = ["sftp", "scp", "rsync", "terminal"] as const;
export type TransferWay = (typeof TRANSFER_WAYS)[number];

/** A connection, agent or display that is led past the terminal. */
export interface ForwardActivity {
  readonly kind: "forward";
  readonly forward: ForwardWay;
  /** Where it leads (local) or listens (remote); absent for agent and x11. */
  readonly host?: string;
  readonly port?: number;
  /** Of a socket in the file system. */
  readonly path?: string;
}

/** A dynamic forward (`ssh -D`) asks for one `local` after the other: a server sees no difference. */
export const FORWARD_WAYS = ["local", "remote", "streamlocal", "agent", "x11"] as const;
export type ForwardWay = (typeof FORWARD_WAYS)[number];
