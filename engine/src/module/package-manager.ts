import { ModuleProblem } from "./config.ts";
import { runtimeOf } from "./runtime-kind.ts";

/** What installs the packages of a module, and the lock file that says which versions. */
export interface PackageManager {
  readonly name: "npm" | "yarn" | "pnpm" | "bun";
  /** None of an npm that nobody has named: that is the machine's own. */
  readonly version?: string;
  /** Name of the file; undefined where the newest versions are taken. */
  readonly lock?: string;
  /** Whether npm, in the place of Yarn 1, leaves packages alone that others only want beside them (`peerDependencies`). */
  readonly skipsPeers?: boolean;
  /** What is named, and not taken. */
  readonly insteadOf?: string;
  /** A lock file that is there and not followed. */
  readonly ignored?: string;
}

export const NPM = "11.8.0";
export const YARN = "1.22.22";
export const PNPM = "8.15.4";
/** Of lock files of version 9, which the one above passes over. */
export const PNPM_OF_LOCK_9 = "10.34.9";
export const BUN = "1.3.0";

const BUN_LOCKS = ["bun.lock", "bun.lockb"];
/** The SDK does not look for the second. */
const ALL_LOCKS = ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", ...BUN_LOCKS];

/**
 * The package manager that the TypeScript SDK of Dagger takes: Bun's for a module for Bun, else what `packageManager` of
 * package.json names, else the one whose lock file is there. Without any that is Yarn 1; npm, which is here, installs the same in its
 * place, where package.json has nothing that only Yarn reads.
 *
 * @param named `packageManager` of package.json
 * @param textOf the text of a file of the package; undefined when there is none
 * @throws ModuleProblem for one that there is not, or without a version
 */
export function packageManagerOf(named: unknown, textOf: (path: string) => string | undefined): PackageManager {
  const first = (names: readonly string[]) => names.find((name) => textOf(name) !== undefined);
  const { runtime } = runtimeOf(textOf);
  const npmLock = first(["package-lock.json"]);
  const withoutLock: PackageManager = isForYarnAlone(textOf("package.json"))
    ? { name: "yarn", version: YARN }
    : { name: "npm", skipsPeers: true };
  const withLock = (found: Omit<PackageManager, "lock" | "ignored">, lock: string | undefined): PackageManager => {
    const ignored = lock === undefined ? first(ALL_LOCKS) : undefined;
    return { ...found, ...(lock === undefined ? {} : { lock }), ...(ignored === undefined ? {} : { ignored }) };
  };
  const yarn = (version: string) => {
    // The SDK's options for it are those of Yarn 1, and later ones would run code of packages from git.
    const isLater = !version.startsWith("1.") || /^__metadata:/m.test(textOf("yarn.lock") ?? "");
    return isLater ? withLock(withoutLock, undefined) : withLock({ name: "yarn", version }, first(["yarn.lock"]));
  };
  const pnpm = (version: string | undefined) => {
    const isNine = /^lockfileVersion: ['"]?9/m.test(textOf("pnpm-lock.yaml") ?? "");
    return withLock({ name: "pnpm", version: version ?? (isNine ? PNPM_OF_LOCK_9 : PNPM) }, first(["pnpm-lock.yaml"]));
  };
  const bun = () => withLock({ name: "bun", version: BUN }, first(BUN_LOCKS));
  if (runtime === "bun") return bun();
  if (typeof named === "string" && named !== "") {
    const { name, version } = readNamed(named);
    // Older ones do not write down where packages come from.
    const isOld = Number.parseInt(version, 10) < 7;
    if (name === "npm") return withLock({ name, ...(isOld ? { insteadOf: `npm ${version}` } : { version }) }, npmLock);
    return name === "yarn" ? yarn(version) : pnpm(version);
  }
  if (npmLock === undefined && first(BUN_LOCKS) !== undefined) return bun();
  if (npmLock !== undefined) return withLock({ name: "npm" }, npmLock);
  if (textOf("yarn.lock") !== undefined) return yarn(YARN);
  if (textOf("pnpm-lock.yaml") !== undefined) return pnpm(undefined);
  return withLock(withoutLock, undefined);
}

/** What is neither a version, nor a tag, nor an address on the web: Yarn and npm understand it in different ways, or one does not. */
const NOT_OF_A_REGISTRY = /^(?:[a-z+]+:(?!\/\/)|git|\.{0,2}\/|~\/|[\w.-]+\/[\w.-]+(?:#|$))/;

/** Whether package.json overrules versions in the way of Yarn, which npm does not read, or has packages from elsewhere than a registry. */
function isForYarnAlone(packageJson: string | undefined): boolean {
  if (packageJson === undefined) return false;
  const { resolutions, dependencies } = JSON.parse(packageJson) as Readonly<Record<string, unknown>>;
  const specs = Object.values(dependencies ?? {}).filter((spec) => typeof spec === "string");
  const hasResolutions = typeof resolutions === "object" && resolutions !== null && Object.keys(resolutions).length > 0;
  return hasResolutions || specs.some((spec) => NOT_OF_A_REGISTRY.test(spec) && !spec.startsWith("npm:"));
}

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** `pnpm@8.5.1`, also with a checksum behind it: `pnpm@8.5.1+sha512.…`. */
function readNamed(named: string): { readonly name: "npm" | "yarn" | "pnpm"; readonly version: string } {
  const [name = "", written = ""] = named.split("@");
  if (written === "")
    throw new ModuleProblem(
      "failed to detect package manager: packageManager version is missing, please add it to your package.json",
    );
  if (name !== "npm" && name !== "yarn" && name !== "pnpm")
    throw new ModuleProblem(`failed to detect package manager: detected unknown package manager: ${name}`);
  const [version = ""] = written.split("+");
  if (EXACT.test(version)) return { name, version };
  throw new ModuleProblem(
    `packageManager of package.json is ${JSON.stringify(named)}, and its version is not exact: write it as ${name}@1.2.3`,
  );
}
