import { z } from "zod";

const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST = /^(?:[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/** Where images go: a registry's host, with its port and with the folder of all images if there is one. */
export const registrySchema = z.string().superRefine((text, context) => {
  const complain = (message: string) => context.addIssue({ code: "custom", message });
  if (text.includes("://")) return complain("expected a host without http:// or https://");
  const [host = "", ...folder] = text.split("/");
  if (!HOST.test(host)) return complain("expected a host, with a port if it has one of its own");
  if (folder.length > 0 && !PATH.test(folder.join("/"))) return complain("expected lower case names after the host");
  // A host without dot, port or the name localhost is read as a folder of Docker Hub by every tool.
  if (!/[.:]/.test(host) && host !== "localhost") return complain(`expected a host; for Docker Hub docker.io/${text}`);
  if (host === "docker.io" && folder.length === 0)
    return complain("expected docker.io/NAME: Docker Hub has no images of its own");
});

/** The name of an image below the registry, with `{service}` and perhaps `{product}` in it. */
export const imageNameSchema = z.string().superRefine((text, context) => {
  const complain = (message: string) => context.addIssue({ code: "custom", message });
  if (!text.includes("{service}")) return complain("expected {service} in it: each service has an image of its own");
  const filled = text.replaceAll("{service}", "s").replaceAll("{product}", "p");
  if (!PATH.test(filled))
    return complain("expected lower case letters, digits, dashes and slashes, {service} and {product}");
});
