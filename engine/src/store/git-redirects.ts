import { spawnSync } from "node:child_process";
import { lookup } from "node:dns/promises";
import { setTimeout as delay } from "node:timers/promises";
import { hasProxy, isInsideHost, isOutside } from "./destinations.ts";
import { wantsLogin, withLogins } from "./git-logins.ts";
import { type GitOptions, type GitResult, runGit, runGitSync } from "./git-run.ts";

const MOST_REDIRECTS = 5;

/** git follows no redirect by itself: where one leads is looked at first. */
const NO_REDIRECTS = ["-c", "http.followRedirects=false"];

/** Where a repository is, and the options of git that hold it there. */
interface Place {
  readonly address: string;
  readonly options: readonly string[];
}

/** Whether git did not go on because a server sends it to another place. */
function isRedirected({ exitCode, stderr }: GitResult): boolean {
  return exitCode !== 0 && /The requested URL returned error: 30[12378]\b/.test(stderr);
}

/**
 * Runs git for an address, and once more where the server of the repository sends it: for a person, who may ask any place themselves.
 *
 * @throws Error when a server elsewhere leads to this machine, which would be shown what only answers to it
 */
export async function runGitOnward(
  cwd: string,
  address: string,
  args: readonly string[],
  options: GitOptions,
): Promise<GitResult> {
  const steps = onward(address, args, options.env ?? {});
  let step = steps.next();
  while (step.done !== true)
    step = steps.next(
      "hostname" in step.value
        ? await addressesOf(step.value.hostname)
        : await runGit(cwd, step.value.args, { ...options, env: step.value.env }),
    );
  return step.value;
}

/** The same, for what has to be known before anything else can go on. */
export function runGitOnwardSync(
  cwd: string,
  address: string,
  args: readonly string[],
  options: GitOptions,
): GitResult {
  const steps = onward(address, args, options.env ?? {});
  let step = steps.next();
  while (step.done !== true)
    step = steps.next(
      "hostname" in step.value
        ? addressesOfSync(step.value.hostname)
        : runGitSync(cwd, step.value.args, { ...options, env: step.value.env }),
    );
  return step.value;
}

type Env = Readonly<Record<string, string>>;

/** A run of git, answered by its result, or a name that may have addresses, answered by these. */
type Question = { readonly args: readonly string[]; readonly env: Env } | { readonly hostname: string };
type Steps<T> = Generator<Question, T, GitResult | readonly string[]>;

/** How long the addresses of a name may take, in milliseconds. */
const LOOKUP_MS = 20_000;

async function addressesOf(hostname: string): Promise<readonly string[]> {
  const late = new AbortController();
  const found = lookup(hostname, { all: true }).then((all) => all.map(({ address }) => address));
  const none = () => [];
  const inTime = await Promise.race([found.catch(none), delay(LOOKUP_MS, [], { signal: late.signal }).catch(none)]);
  late.abort();
  return inTime;
}

function addressesOfSync(hostname: string): readonly string[] {
  const { stdout } = spawnSync("getent", ["ahosts", hostname], { encoding: "utf8", timeout: LOOKUP_MS });
  return [...new Set([...(stdout ?? "").matchAll(/^(\S+)/gm)].map(([, address = ""]) => address))];
}

/** A run of git, and once more with the person's login where the server wants one. */
function* git(args: readonly string[], env: Env): Steps<GitResult> {
  const result = (yield { args, env }) as GitResult;
  if (!wantsLogin(result, env)) return result;
  return (yield { args: [...withLogins(), ...args], env }) as GitResult;
}

/** Each run of git that it takes, until the last result. */
function* onward(first: string, args: readonly string[], env: Env): Steps<GitResult> {
  const result = yield* git([...NO_REDIRECTS, ...args], env);
  if (!isRedirected(result)) return result;
  let place: Place = { address: first, options: [] };
  let cameFromOutside = false;
  for (let redirects = 0; redirects < MOST_REDIRECTS; redirects += 1) {
    const asking = [...NO_REDIRECTS, ...place.options, "ls-remote", "--", place.address];
    const told = yield* git(asking, { ...env, GIT_TRACE_CURL: "1", GIT_TRACE_CURL_NO_DATA: "1" });
    const next = isRedirected(told) ? locationOf(told.stderr, first, place.address) : undefined;
    if (next === undefined) {
      const there = args.map((arg) => (arg === first ? place.address : arg));
      return yield* git([...NO_REDIRECTS, ...place.options, ...there], env);
    }
    if (place.address.startsWith("https:") && next.protocol !== "https:")
      throw leadsOutOfTls(first, repositoryOf(next));
    cameFromOutside ||= wasOutside(told.stderr, place.address);
    place = { address: repositoryOf(next), options: cameFromOutside ? yield* askedOutside(first, next) : [] };
  }
  throw new Error(`git error: ${first} keeps redirecting: stopped after ${MOST_REDIRECTS} redirects`);
}

/** Where an answer leads; undefined when that is no repository by git's own rule. */
function locationOf(trace: string, first: string, address: string): URL | undefined {
  const location = [...trace.matchAll(/<= Recv header: location: (\S+)/gi)].at(-1)?.[1] ?? "";
  const asked = `${address.replace(/\/$/, "")}/info/refs`;
  if (!URL.canParse(location, asked))
    throw new Error(`git error: ${first} leads to ${location}, which is not an address`);
  const next = new URL(location, asked);
  return next.pathname.endsWith("/info/refs") ? next : undefined;
}

/** The address without what git has put behind it. */
function repositoryOf(url: URL): string {
  return url.href.replace(/\/info\/refs(\?.*)?$/, "");
}

/** By the address that git has connected to; that of a proxy says nothing of the server. */
function wasOutside(trace: string, address: string): boolean {
  const { hostname } = new URL(address);
  if (isInsideHost(hostname)) return false;
  const reached = [...trace.matchAll(/Connected to (\S+) \(([\da-f.:]+)\) port/gi)].at(-1);
  return reached?.[1] !== hostname || isOutside(reached[2] ?? "");
}

/**
 * Options by which a name means what it was judged by.
 *
 * @param isForSsh a name without an address may be one that the person's settings of ssh explain
 * @throws Error when it means this machine, or nothing that can be judged
 */
export function outsideOnly(first: string, next: URL, isForSsh: boolean): readonly string[] {
  refuseInside(first, next);
  const addresses = addressesOfSync(next.hostname);
  return isForSsh && addresses.length === 0 ? [] : optionsOutside(first, next, addresses);
}

function* askedOutside(first: string, next: URL): Steps<readonly string[]> {
  refuseInside(first, next);
  return optionsOutside(first, next, (yield { hostname: next.hostname }) as readonly string[]);
}

function refuseInside(first: string, next: URL): void {
  if (isInsideHost(next.hostname)) throw leadsInside(first, repositoryOf(next));
}

/** @param addresses what the name means */
function optionsOutside(first: string, next: URL, addresses: readonly string[]): readonly string[] {
  const { protocol, hostname, port } = next;
  const [any] = addresses;
  if (any === undefined) {
    // A proxy may know a name that nobody here knows. Without one, git could be given another answer than this.
    if (hasProxy()) return [];
    throw new Error(
      `git error: ${first} leads to ${repositoryOf(next)}, a name without an address\n  to do: look at the nameserver of this machine (/etc/resolv.conf), or give an address that leads elsewhere`,
    );
  }
  const outside = addresses.filter(isOutside);
  if (outside.length === 0) throw leadsInside(first, `${repositoryOf(next)} (${any})`);
  return ["-c", `http.curloptResolve=${hostname}:${port || (protocol === "https:" ? 443 : 80)}:${outside.join(",")}`];
}

function leadsInside(first: string, shown: string): Error {
  return new Error(
    `git error: ${first} leads to ${shown}, an address that only this machine reaches: it was not asked\n  to do: give that address itself if you want it`,
  );
}

function leadsOutOfTls(first: string, shown: string): Error {
  return new Error(
    `git error: ${first} leads to ${shown}, without TLS, where anybody could have answered\n  to do: give an address that stays on https`,
  );
}
