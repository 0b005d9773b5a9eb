import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { parseAddressList } from "../../net/index.js";
import {
  addressKey,
  createAdmission,
  type Admission,
  type Door,
  type Registry,
  type Workforce,
} from "../../runtime/index.js";
import type { Config } from "../config/index.js";
import type { Log } from "../log.js";
import type { BoundAddress } from "../running-sidecar.js";

/** The listeners of the parent whose connections go to whoever serves sessions. */
export interface FrontDoor {
  /** On a fault none is open. */
  open(): Promise<Result<OpenedDoors, Fault>>;
  connectionEnded(connection: number): void;
  /** Takes no more connections; those that were handed over go on. */
  close(): void;
}

export type OpenedDoors = { readonly ssh: BoundAddress } & {
  readonly [D in Door]?: BoundAddress;
};

export interface FrontDoorDeps {
  readonly config: Config;
  readonly registry: Pick<Registry<unknown>, "sessions">;
  readonly workforce: Workforce;
  readonly log: Log;
  /** False while events can not be kept: then nobody may do anything that would have to be told. */
  readonly roomForEvents: () => boolean;
}

/** Opened after that of SSH, where they are configured. */
const DOORS = ["guacd", "guacamole", "web"] as const satisfies readonly Door[];

/** Refusals are told as sums: ten thousand connections must not become ten thousand lines. */
const REFUSALS_TOLD_EVERY_MS = 1_000;
/** Connections that the system may keep while we are busy. */
const BACKLOG = 511;

export function createFrontDoor(deps: FrontDoorDeps): FrontDoor {
  const { config, workforce, log } = deps;
  const admission = createConfiguredAdmission(deps);
  const refusals = createRefusals(log);
  let nextConnection = 0;

  const servers: Server[] = [];

  // Paused, so that no byte is read here; without Nagle's delay, which would cost 40 ms a keystroke.
  function createDoor(door: Door | null): Server {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      const refusal = admit(socket, door);
      if (refusal === null) return;
      refusals.add(refusal);
      socket.destroy();
    });
    servers.push(server);
    return server;
  }

  function listen(
    door: Door | null,
    { address, port }: Pick<BoundAddress, "address" | "port">,
  ): Promise<Result<BoundAddress, Fault>> {
    const server = createDoor(door);
    return new Promise((resolve) => {
      server.once("error", (error) => {
        resolve(err(fault("CHP_RUNTIME_LISTEN", `${address}:${port}: ${error.message}`)));
      });
      server.listen({ host: address, port, backlog: BACKLOG }, () => {
        server.on("error", (error) => log.error("listener-failed", { reason: error.message }));
        resolve(ok(server.address() as AddressInfo)); // bound to an address and a port
      });
    });
  }

  function close(): void {
    refusals.close();
    for (const server of servers) server.close();
  }

  async function open(): Promise<Result<OpenedDoors, Fault>> {
    const ssh = await listen(null, config.listen.ssh);
    if (!ssh.ok) return ssh;
    let opened: OpenedDoors = { ssh: ssh.value };
    for (const door of DOORS) {
      const wanted = config.listen[door];
      if (wanted === undefined) continue;
      const bound = await listen(door, wanted);
      if (!bound.ok) {
        close();
        return bound;
      }
      opened = { ...opened, [door]: bound.value };
    }
    return ok(opened);
  }

  function admit(socket: Socket, door: Door | null): string | null {
    socket.on("error", () => socket.destroy());
    const { remoteAddress: address, remotePort: port } = socket;
    if (address === undefined || port === undefined) return "gone";
    if (!deps.roomForEvents()) return "spool-full";
    const id = nextConnection++;
    const refused = admission.admit(id, address);
    if (refused !== null) return refused;
    const connection = { id, address, port, ...(door === null ? {} : { door }) };
    if (workforce.assign(connection, socket)) return null;
    admission.left(id);
    return "no-worker";
  }

  return {
    open,
    connectionEnded: (connection) => admission.left(connection),
    close,
  };
}

function createConfiguredAdmission({ config, registry }: FrontDoorDeps): Admission {
  const { ssh, web } = config.listen;
  const proxies = parseAddressList([...ssh.proxyProtocolFrom, ...(web?.proxyProtocolFrom ?? [])]);
  return createAdmission({
    unauthenticatedMax: config.limits.unauthenticatedMax,
    unauthenticatedPerAddressMax: config.limits.unauthenticatedPerAddressMax,
    sessions: () => ({
      all: registry.sessions.size,
      from(address) {
        let count = 0;
        for (const { facts } of registry.sessions.values()) {
          if (addressKey(facts.origin) === address) count += 1;
        }
        return count;
      },
    }),
    speaksForMany: (address) => proxies.ok && proxies.value.includes(address),
  });
}

function createRefusals(log: Log): { add(reason: string): void; close(): void } {
  const counts = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;

  function tell(): void {
    timer = null;
    for (const [reason, count] of counts) log.warn("connections-refused", { reason, count });
    counts.clear();
  }
  return {
    add(reason) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
      timer ??= setTimeout(tell, REFUSALS_TOLD_EVERY_MS);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      tell();
    },
  };
}
