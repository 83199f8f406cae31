import type { EngineName, ProviderSettings } from "../config/provider-schema.ts";
import type { CheckSettings, ReportKind, RingSettings, Settings } from "../config/settings.ts";
import { addressOf } from "../input/module-file.ts";
import { demandsAttestations, demandsSignature } from "../rollout/policy.ts";
import { VERSION } from "../version.ts";
import { REGISTRY_LOGIN, RING_KUBECONFIG, RING_TOKEN, SIGNING_KEY } from "./secrets.ts";

/** One job of a CI system: what it calls, on which engine, with which secrets. */
export interface Job {
  /** Also what people name when they require it: it stays the same for the same settings. */
  readonly id: string;
  readonly engine: EngineName;
  /** The words of its call, as a shell takes them: no value of a secret, and nothing that a stranger could have chosen. */
  readonly call: string;
  /** After this time it hangs. */
  readonly minutes: number;
  /** The environment variables that have them. */
  readonly secrets: readonly string[];
}

/**
 * Runs the checks, of pull requests too: it never has a secret. Its call gives the results of the checks as files in `REPORTS`, and passes
 * also when checks have failed: `TELL_RESULTS` does not.
 */
export type ChecksJob = Job;

/** Makes the images and sends them to a registry. */
export interface PublishJob extends Job {
  readonly registry: string;
  /** It has the key that signs what images carry, because a ring takes nothing else. */
  readonly signs: boolean;
}

/** Brings the release of this run into one ring. */
export interface RingJob extends Job {
  readonly ring: string;
  /** The same without the file of the release, where the provider has no way to hand it on: what is live in the ring before. */
  readonly promote?: string;
  /** The job that has to have passed before it. */
  readonly needs: string;
  /** It waits until a person starts it, in the way of the provider. */
  readonly isManual: boolean;
  /** How many people have to have signed, in the provider-neutral way. */
  readonly quorum: number;
  /** The registry that it asks what the images carry, with a login that need not push; absent when the ring asks for nothing. */
  readonly registry?: string;
  /** Whom its token for the cluster is meant for; absent when it has a kubeconfig. */
  readonly audience?: string;
}

/**
 * The way of a commit through a CI system, the same for all of them: checks on pull requests and on the protected branch, and
 * there, when all of them have passed, the images and the release file, the first ring by itself and each later one when a person
 * says so.
 */
export interface Pipeline {
  readonly product: string;
  /** The protected branch: where releases are from. */
  readonly branch: string;
  /** Where the source is, if the settings say it. */
  readonly source?: string;
  readonly settings: ProviderSettings;
  readonly checks: readonly ChecksJob[];
  readonly publish?: PublishJob;
  /** After `publish` only, each behind the one that it needs. */
  readonly rings: readonly RingJob[];
  /** The files that the call for reports writes, by their forms; none of a form that no check gives rise to. */
  readonly reportFiles: Readonly<Record<ReportForm, readonly string[]>>;
}

/** Of tests, of coverage twice, of findings twice, and for a person. */
export type ReportForm = "junit" | "cobertura" | "lcov" | "codequality" | "sarif" | "summary";

/** The file of a release: written by the job that publishes, taken by those that deploy. */
export const RELEASE_FILE = "release.json";

/** The folder that reports are collected in. */
export const REPORTS = "reports";

/** Tells how the checks ended, also to the provider, from the files of the call for reports, and ends with their exit code. */
export const TELL_RESULTS = `sh ${REPORTS}/verdict.sh`;

/** The variable that holds signed approvals, as the command of `approve` writes them. Nobody has to keep them secret. */
export const APPROVALS = "SLIPWAY_APPROVALS";

/** The file that they are given in. */
const APPROVALS_FILE = ".slipway-approvals";

/** What preparing, installing and pulling may take besides. */
const MARGIN_MINUTES = 20;

/** What the images of all services may take. */
const PUBLISH_MINUTES = 60;

/**
 * What the effective settings mean for a provider.
 *
 * @param named the engines that have to be told where the module is
 * @param tokenMinutes how long a token that it issues is good; 0 when it issues none for clusters
 */
export function describePipeline(
  settings: Settings,
  provider: ProviderSettings,
  named: readonly EngineName[],
  tokenMinutes = 0,
): Pipeline {
  const { product, checks, images, approvals } = settings;
  const [engine = "dagger"] = provider.engines;
  const publish = provider.deliver ? describePublish(settings, engine, named) : undefined;
  return {
    product,
    branch: approvals.branch,
    ...(images.source === undefined ? {} : { source: images.source }),
    settings: provider,
    checks: provider.engines.map((on) => ({
      id: provider.engines.length === 1 ? "test" : `test-${on}`,
      engine: on,
      call: callOn(on, `reports --again -o ${REPORTS}`, { named }),
      minutes: minutesOf(Object.values(checks)),
      secrets: [],
    })),
    ...(publish === undefined ? {} : { publish }),
    rings:
      publish === undefined ? [] : describeRings(settings, { engine, named, registry: publish.registry, tokenMinutes }),
    reportFiles: listReportFiles(Object.values(checks)),
  };
}

function describePublish(
  { images, services, rings }: Settings,
  engine: EngineName,
  named: readonly EngineName[],
): PublishJob | undefined {
  const makesImages = Object.values(services).some(({ build }) => !("image" in build));
  if (images.registry === undefined || !makesImages) return undefined;
  const isDemanded = Object.values(rings).some(({ attestations }) => demandsSignature(attestations));
  const signs = isDemanded && images.attestations !== "off";
  const call = `release --username "$REGISTRY_USERNAME" --password env:REGISTRY_PASSWORD -o ${RELEASE_FILE}`;
  return {
    id: "publish",
    engine,
    call: callOn(engine, call, { named, ...(signs ? { before: `--signing-key env:${SIGNING_KEY}` } : {}) }),
    minutes: PUBLISH_MINUTES,
    secrets: [...REGISTRY_LOGIN, ...(signs ? [SIGNING_KEY] : [])],
    registry: images.registry,
    signs,
  };
}

/** In the order of `after`; rings that nobody waits for keep that of the file. */
function describeRings({ rings }: Settings, around: Around): RingJob[] {
  const follow = (before: string | null): RingJob[] =>
    Object.entries(rings).flatMap(([ring, policy]) =>
      policy.after === before ? [describeRing(ring, policy, around), ...follow(ring)] : [],
    );
  return follow(null);
}

interface Around {
  readonly engine: EngineName;
  readonly named: readonly EngineName[];
  readonly registry: string;
  readonly tokenMinutes: number;
}

function describeRing(ring: string, policy: RingSettings, around: Around): RingJob {
  const { engine, named, registry, tokenMinutes } = around;
  const { after, approvals, attestations, deadlineSeconds, bakeSeconds } = policy;
  const given = approvals.quorum > 0 ? ` --approvals ${APPROVALS_FILE}` : "";
  const call = `deploy --ring ${ring} --release ${RELEASE_FILE}${given}`;
  const asks = demandsAttestations(attestations);
  const login = asks ? ` --registry-username "$REGISTRY_USERNAME" --registry-password env:REGISTRY_PASSWORD` : "";
  // Jobs, candidate and switch have the deadline each, and a way back has it once more.
  const minutes = Math.ceil((4 * deadlineSeconds + bakeSeconds) / 60) + MARGIN_MINUTES;
  // A token that ends before the deploy would stop it.
  const cluster = minutes <= tokenMinutes ? policy.cluster : undefined;
  const access =
    cluster === undefined
      ? `--kubeconfig env:${RING_KUBECONFIG}`
      : `--server ${cluster.server} --certificate-authority ${cluster.certificateAuthority} --token env:${RING_TOKEN}`;
  const way = { named, before: `${access}${login}` };
  return {
    id: `deploy-${ring}`,
    ring,
    engine,
    call: callOn(engine, call, way),
    ...(after === null ? {} : { promote: callOn(engine, `promote --from ${after} --to ${ring}${given}`, way) }),
    minutes,
    secrets: [...(cluster === undefined ? [RING_KUBECONFIG] : []), ...(asks ? REGISTRY_LOGIN : [])],
    needs: after === null ? "publish" : `deploy-${after}`,
    // Who has to sign a release needs the time to do it.
    isManual: after !== null || approvals.quorum > 0,
    quorum: approvals.quorum,
    ...(asks ? { registry } : {}),
    ...(cluster === undefined ? {} : { audience: cluster.audience }),
  };
}

/** The lines that ask the provider for the token of a ring, where the job has one. @param command prints it */
export function askToken({ audience }: RingJob, command: (audience: string) => string): string[] {
  return audience === undefined ? [] : [`${RING_TOKEN}="$(${command(audience)})"`, `export ${RING_TOKEN}`];
}

/** The line that writes down the approvals, where a ring asks for any. */
export function writeApprovals({ quorum }: RingJob): string[] {
  return quorum > 0 ? [`printf '%s' "$${APPROVALS}" >${APPROVALS_FILE}`] : [];
}

interface Way {
  readonly named: readonly EngineName[];
  /** Arguments of the module: they stand before the function. */
  readonly before?: string;
}

function callOn(engine: EngineName, words: string, { named, before }: Way): string {
  const module = named.includes(engine) ? ["-m", addressOf(VERSION)] : [];
  return ["call", ...module, "--progress=logs", ...(before === undefined ? [] : [before]), words].join(" ");
}

/** The fast checks run side by side, and then the slow ones. */
function minutesOf(checks: readonly CheckSettings[]): number {
  const longest = (wanted: CheckSettings["stage"]) =>
    Math.max(0, ...checks.filter(({ stage }) => stage === wanted).map(({ timeoutSeconds }) => timeoutSeconds));
  return Math.ceil((longest("fast") + longest("slow")) / 60) + MARGIN_MINUTES;
}

/** Coverage and findings are there only where a check says that it writes any. */
function listReportFiles(checks: readonly CheckSettings[]): Pipeline["reportFiles"] {
  const writes = (...kinds: readonly ReportKind[]) =>
    checks.some(({ reports }) => kinds.some((kind) => reports[kind] !== undefined));
  const file = (name: string, isThere = true) => (isThere ? [`${REPORTS}/${name}`] : []);
  const isCovered = writes("lcov", "cobertura", "jacoco", "coverprofile");
  return {
    junit: file("junit.xml"),
    cobertura: file("cobertura.xml", isCovered),
    lcov: file("lcov.info", isCovered),
    codequality: file("codequality.json"),
    sarif: file("results.sarif", writes("sarif", "checkstyle")),
    summary: file("summary.md"),
  };
}
