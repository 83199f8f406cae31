import { z } from "zod";

/** One part of a name, in the grammar that registries and container tools have (distribution/reference). */
export const PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const PATH = new RegExp(`^${PART}(?:/${PART})*$`);
const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const HOST = new RegExp(`^(${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:.]+\\])(?::(\\d{1,5}))?$`);
/** Of a whole name, without tag and digest. */
const MAX_LENGTH = 255;

/** Why this is no registry; `undefined` when it is one. The one rule for slipway.yaml, `--registry` and releases. */
function findFault(text: string): string | undefined {
  if (text.includes("://")) return "expected a host without http:// or https://";
  const [host = "", ...folder] = text.split("/");
  const [, name = "", port] = HOST.exec(host) ?? [];
  if (name === "" || !isAddress(name)) return "expected a host, with a port if it has one of its own";
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    return "expected a port from 1 to 65535 after the host";
  if (folder.at(-1) === "") return "expected no / at the end";
  if (folder.length > 0 && !PATH.test(folder.join("/"))) return "expected lower case names after the host";
  if (text.length > MAX_LENGTH) return `expected ${MAX_LENGTH} characters at most`;
  // A host without dot, port or the name localhost is read as a folder of Docker Hub by every tool.
  if (!/[.:]/.test(host) && host !== "localhost") return `expected a host; for Docker Hub docker.io/${text}`;
  if (host === "docker.io" && folder.length === 0)
    return "expected docker.io/NAME: Docker Hub has no images of its own";
  return undefined;
}

/** Names are taken as they are; of `[::1]` it is looked whether it is an address. */
function isAddress(host: string): boolean {
  return !host.startsWith("[") || URL.canParse(`http://${host}/`);
}

/** Where images go: a registry's host, with its port and with the folder of all images if there is one. */
export const registrySchema = z.string("expected a registry").superRefine((text, context) => {
  const message = findFault(text);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** Registry and name of an image, without tag or digest: `docker.io/acme/ingest`. */
export const repositorySchema = z.string("expected the name of an image").superRefine((text, context) => {
  const complain = (message: string) => context.addIssue({ code: "custom", message });
  const slash = text.lastIndexOf("/");
  if (slash === -1 || /[@]|:[^/]*$/.test(text.slice(slash)))
    return complain("expected registry and name of an image, without tag or digest");
  if (text.length > MAX_LENGTH) return complain(`expected ${MAX_LENGTH} characters at most`);
  const fault = findFault(text);
  if (fault !== undefined) return complain(fault);
});

/** The name of an image below the registry, with `{service}` and perhaps `{product}` in it. */
export const imageNameSchema = z.string("expected the name of an image").superRefine((text, context) => {
  const complain = (message: string) => context.addIssue({ code: "custom", message });
  if (!text.includes("{service}")) return complain("expected {service} in it: each service has an image of its own");
  const filled = text.replaceAll("{service}", "s").replaceAll("{product}", "p");
  if (!PATH.test(filled))
    return complain("expected lower case letters, digits, dashes and slashes, {service} and {product}");
});
