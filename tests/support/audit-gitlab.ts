import { parse } from "yaml";

interface Job {
  readonly extends?: string;
  readonly image?: string;
  readonly services?: readonly (string | { readonly name: string })[];
  readonly needs?: readonly string[];
  readonly rules?: readonly { readonly if?: string; readonly when?: string }[];
  readonly environment?: string;
  readonly resource_group?: string;
  readonly interruptible?: boolean;
  readonly timeout?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly script?: readonly string[];
  readonly cache?: { readonly key?: unknown; readonly unprotect?: boolean };
}

/** What is wrong with a pipeline of GitLab beyond its syntax, a line each. It knows nothing of how it was generated. */
export function auditGitlab(text: string): string[] {
  const { workflow, stages, variables, ...rest } = parse(text);
  const all = Object.entries(rest as Record<string, Job>);
  const jobs = all.filter(([name]) => !name.startsWith("."));
  const names = jobs.map(([name]) => name);
  return [
    ...(workflow?.rules?.length > 0 ? [] : ["runs for every branch"]),
    ...(variables === undefined ? [] : ["variables of the whole pipeline"]),
    ...jobs.flatMap(([name, job]) => auditJob(name, job, names).map((line) => `${name}: ${line}`)),
    ...(Array.isArray(stages) ? [] : ["no stages"]),
    ...all.flatMap(([name, job]) => listUnpinned(job).map((image) => `${name}: an image of no version: ${image}`)),
  ];
}

function listUnpinned({ image, services = [] }: Job): string[] {
  const images = [
    ...(image === undefined ? [] : [image]),
    ...services.map((one) => (typeof one === "string" ? one : one.name)),
  ];
  return images.filter((one) => !/:(?!latest$)[\w.-]*\d[\w.-]*$/.test(one));
}

const ON_BRANCH = /^\$CI_COMMIT_BRANCH == "[\w./-]+"$/;

function auditJob(name: string, job: Job, names: readonly string[]): string[] {
  const script = (job.script ?? []).join("\n");
  const ring = /^deploy-(.*)$/.exec(name)?.[1];
  const isDelivery = ring !== undefined || name === "publish";
  const used = ["REGISTRY_PASSWORD", "RING_KUBECONFIG"].filter((secret) => script.includes(secret));
  const asks = script.includes("--registry-username") ? ["REGISTRY_PASSWORD"] : [];
  const wanted = ring !== undefined ? [...asks, "RING_KUBECONFIG"] : isDelivery ? ["REGISTRY_PASSWORD"] : [];
  return [
    ...(job.timeout === undefined ? ["no time limit"] : []),
    ...(job.needs ?? []).flatMap((needed) => (names.includes(needed) ? [] : [`needs ${needed}`])),
    ...(used.join() === wanted.join() ? [] : [`uses ${used.join(" and ") || "no secret"}`]),
    ...(script.includes("SIGNING_KEY") && name !== "publish" ? ["uses SIGNING_KEY"] : []),
    ...(/\$\{?CI_(?:MERGE_REQUEST|COMMIT)_\w*(?:TITLE|MESSAGE|BRANCH|REF|TAG|DESCRIPTION)/.test(script)
      ? ["pasted into a script: what a stranger has written"]
      : []),
    ...(job.cache === undefined ? [] : auditCache(job.cache, isDelivery)),
    ...(!isDelivery
      ? []
      : [
          ...((job.rules ?? []).length > 0 && (job.rules ?? []).every((rule) => ON_BRANCH.test(rule.if ?? ""))
            ? []
            : ["runs for merge requests"]),
          ...((job.needs ?? []).length > 0 ? [] : ["waits for nothing"]),
          ...(job.interruptible === false ? [] : ["may be stopped"]),
        ]),
    ...(ring === undefined || job.environment === ring ? [] : ["has not the environment of its ring"]),
    ...(ring === undefined || job.resource_group !== undefined ? [] : ["two of them run at once"]),
    ...(ring === undefined || job.needs?.includes("publish") ? [] : ["has no release"]),
    ...(ring !== "production" || job.rules?.every(({ when }) => when === "manual") ? [] : ["asks nobody"]),
  ];
}

/** Only checks may begin with what another job has left, under a name that nobody chooses, apart from other branches. */
function auditCache({ key, unprotect }: NonNullable<Job["cache"]>, isDelivery: boolean): string[] {
  return [
    ...(isDelivery ? ["begins with what another job has left"] : []),
    ...(typeof key === "string" && /^slipway-[\d.]+$/.test(key)
      ? []
      : [`the key of a cache is ${JSON.stringify(key)}`]),
    ...(unprotect === true ? ["protected branches share a cache with others"] : []),
  ];
}
