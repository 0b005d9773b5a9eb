import type { Directory, DirectoryPerson } from "../directory.js";
import { matchTotp } from "../totp.js";
import type { EnrolledFactors } from "./enrolled-factors.js";

/**
 * The directory, with what people have enrolled themselves. A TOTP secret of the configuration is the
 * only one of its person: an enrolled one is looked at where there is none.
 */
export function withEnrolled<D extends Directory>(directory: D, enrolled: EnrolledFactors): D {
  return {
    ...directory,
    find(name) {
      const person = directory.find(name);
      return person === undefined ? undefined : { ...person, factors: factorsOf(person, enrolled) };
    },
    matchTotp(name, answer, wall) {
      const configured = directory.find(name)?.factors.includes("totp") ?? false;
      const secret = configured ? undefined : enrolled.totpOf(name);
      return secret === undefined
        ? directory.matchTotp(name, answer, wall)
        : matchTotp(secret, answer, wall);
    },
  };
}

function factorsOf(person: DirectoryPerson, enrolled: EnrolledFactors): DirectoryPerson["factors"] {
  return [...new Set([...person.factors, ...enrolled.factorsOf(person.name)])];
}
