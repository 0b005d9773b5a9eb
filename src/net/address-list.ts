import { BlockList, isIP } from "node:net";
import { err, ok, type Result } from "../kernel/index.js";

/** A list of addresses and networks: `10.0.0.0/8`, `fd00::/8`, `192.0.2.7`. */
export interface AddressList {
  /** False for anything that is not an address. An IPv4 address mapped into IPv6 is that IPv4 address. */
  includes(address: string): boolean;
}

/** The error names the entry that is no address or network. */
export function parseAddressList(entries: readonly string[]): Result<AddressList, string> {
  const list = new BlockList();
  for (const entry of entries) {
    const match = /^(?<address>[^/]+)(?:\/(?<prefix>\d{1,3}))?$/.exec(entry);
    const address = match?.groups?.["address"] ?? "";
    const version = isIP(address);
    const bits = version === 4 ? 32 : 128;
    const prefix = Number(match?.groups?.["prefix"] ?? bits);
    if (version === 0 || prefix > bits) return err(`${entry} is neither an address nor a network`);
    list.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
  }
  return ok({
    includes(address) {
      const plain =
        address.startsWith(MAPPED) && isIP(address.slice(MAPPED.length)) === 4
          ? address.slice(MAPPED.length)
          : address;
      const version = isIP(plain);
      return version !== 0 && list.check(plain, version === 4 ? "ipv4" : "ipv6");
    },
  });
}

const MAPPED = "::ffff:";
