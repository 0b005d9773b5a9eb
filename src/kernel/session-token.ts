/** Every one-time session token begins so; whether it is kept here or sealed by a gateway. */
export const SESSION_TOKEN_PREFIX = "chp-";

/** True for every user name that can only be meant as a token, good or not. */
export function isSessionToken(userName: string): boolean {
  return userName.startsWith(SESSION_TOKEN_PREFIX);
}
