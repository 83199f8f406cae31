/**
 * What the real engine's errors tell of its inside: names of its steps and of its remote calls, before the part that helps the
 * person. An engine that is built in another way has no such steps, so they are not compared.
 */
const insides: readonly RegExp[] = [
  /rpc error: code = \w+ desc = /g,
  /\bfailed to (?:get snapshot|snapshot|sync|receive stat message|create local fs|create base fs): /g,
  /\b(?:get full root path|eval symlinks|unexpected closing recv msg): /g,
  /\bfailed to create synctarget dest dir \S+: /g,
  /\bfailed to resolve identity inputs for [\w.]+: resolve implicit input "\w+": /g,
];

/** The part of an error's text that helps the person. */
export function withoutInside(message: string): string {
  return insides.reduce((text, inside) => text.replace(inside, ""), message);
}
