import { z } from "zod";
import { SlipwayError } from "../account.ts";
import { nameSchema, timeSchema } from "../input/names.ts";
import { mapping } from "../input/problems.ts";
import { readRecordText } from "../input/record-text.ts";
import { repositorySchema } from "../input/registry-name.ts";
import { contentName } from "./canonical-json.ts";

const imageSchema = mapping({
  name: repositorySchema.describe("Registry and repository, without tag or digest: `docker.io/acme/ingest`."),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, "expected sha256: and 64 hex digits")
    .describe("The hash of its manifest, or of its index, by which the registry has it."),
  kind: z
    .enum(["worker", "job"])
    .optional()
    .describe(
      "`worker`: it has pods and no Service; `job`: it runs to its end before the switch. Left out: it answers requests.",
    ),
});

/** The release file that `publish` exports and that `deploy` takes. */
export const releaseSchema = mapping({
  version: z.literal(1).describe("The version of this form."),
  id: z
    .string()
    .regex(/^r-[0-9a-f]{32}$/, "expected r- and 32 hex digits")
    .describe("`r-` and 32 hex digits: the hash of everything below."),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, "expected the full commit hash")
    .describe("The commit that the images were made of."),
  commitTime: timeSchema.describe("Committer time, ISO 8601 in UTC."),
  author: z
    .string()
    .min(1, "expected an e-mail address")
    .describe("E-mail address of the commit's author, for the separation of author and approver."),
  services: z
    .record(nameSchema, imageSchema)
    .refine((all) => Object.keys(all).length > 0, "expected at least one service")
    .describe("The image of each service, worker and job, by name."),
});

/** One immutable set of images for all services, from one commit. */
export type Release = z.output<typeof releaseSchema>;

/** The release with its name, which follows from its content. */
export function nameRelease(content: Omit<Release, "version" | "id">): Release {
  const { commit, commitTime, author, services } = content;
  return {
    version: 1,
    id: `r-${contentName({ commit, commitTime, author, services })}`,
    commit,
    commitTime,
    author,
    services,
  };
}

/** All that the release has an image of, in the order in which it is written: by name. */
export function listServices(release: Release): string[] {
  return Object.keys(release.services).sort();
}

/** Those whose pods stay: services and workers. Each has a Deployment of either colour. */
export function listStaying(release: Release): string[] {
  return listServices(release).filter((name) => release.services[name]?.kind !== "job");
}

/** Those that answer requests: each has a Service, which is switched. */
export function listAnswering(release: Release): string[] {
  return listServices(release).filter((name) => release.services[name]?.kind === undefined);
}

/** Those that run to their end before the switch, once for each release. */
export function listJobs(release: Release): string[] {
  return listServices(release).filter((name) => release.services[name]?.kind === "job");
}

/** `name@sha256:…` of one service of the release. */
export function referTo(release: Release, service: string): string {
  const image = release.services[service];
  if (image === undefined) throw new Error(`release ${release.id} has no service ${service}`);
  return `${image.name}@${image.digest}`;
}

/** The digest in the name of an image; `undefined` when it names none. */
function digestOf(image: string): string | undefined {
  return /@([a-z0-9]+:[0-9a-f]{32,})$/.exec(image)?.[1];
}

/**
 * Do both name the same content? The digest decides: a webhook of the cluster may have put the name of a mirror before it.
 *
 * @param running the digest that the runtime says it runs, for an image whose name has lost its digest on the way
 */
export function isSameImage(image: string | undefined, wanted: string, running?: string): boolean {
  if (image === undefined) return false;
  const digest = digestOf(wanted);
  return image === wanted || (digest !== undefined && (digestOf(image) ?? running) === digest);
}

/**
 * Reads a release file.
 *
 * @throws SlipwayError `bad-release` with every problem, also when the id is not the hash of the content: an edited
 * file must not pass for the release that was verified and approved.
 */
export function readRelease(text: string, where = "the release file"): Release {
  const refuse = (what: string) =>
    new SlipwayError("bad-release", {
      what,
      where,
      todo: "take the file that `release -o release.json` wrote, unchanged",
    });
  const read = readRecordText(releaseSchema, text);
  if ("problems" in read)
    throw refuse(["this is not a release file:", ...read.problems.map((line) => `  ${line}`)].join("\n"));
  const { id } = nameRelease(read.value);
  if (id !== read.value.id) throw refuse(`the release calls itself ${read.value.id}, but its content is ${id}`);
  return read.value;
}

/** A release as reports call it: the beginning of its id and of its commit. */
export function tellRelease(release: Release): string {
  return `${release.id.slice(0, 10)} (commit ${release.commit.slice(0, 7)})`;
}
