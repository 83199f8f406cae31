import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { noteUse } from "../store/records.ts";
import type { Step } from "./recipe.ts";
import { debianFailure } from "./recipe-debian-words.ts";
import { readDebianMirror } from "./recipe-source.ts";
import { lockFile, MOUNT_SYSTEM_FOLDERS, runIsolated, runTool } from "./sandbox.ts";
import type { StepContext } from "./step-context.ts";

/** Where recipes say that Debian is; a mirror replaces it while something is loaded, never in the image. */
const DEBIAN = "http://deb.debian.org";

/** Debian's own keys, and no others that the machine trusts for its own packages. */
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** What no setting of the machine may loosen: an index that Debian has not signed is none. */
const SIGNED_ONLY = [
  'Acquire::AllowInsecureRepositories "false";',
  'Acquire::AllowWeakRepositories "false";',
  'Acquire::AllowDowngradeToInsecureRepositories "false";',
  'APT::Get::AllowUnauthenticated "false";',
  // Otherwise apt goes on with an older index where the new one is refused, and ends as if all was well.
  'APT::Update::Error-Mode "any";',
];

/** Whether an index may be older than it says itself: the machine's own choice, which apt has switched on. */
const AGE_SETTINGS = ["Acquire::Check-Valid-Until", "Acquire::Check-Date"];

/** Makes a whole Debian system. */
export async function makeDebian(step: Step<"debian">, { root, temporary }: StepContext): Promise<void> {
  if (!existsSync(KEYRING))
    throw new Error(
      `${KEYRING} is missing, which verifies what Debian signed\n  to do: install the package debian-archive-keyring`,
    );
  const include = step.packages.length === 0 ? [] : [`--include=${step.packages.join(",")}`];
  // Mode root also in a user namespace, where we are root; only the check for devices has to be left out, none are needed.
  const options = ["--mode=root", "--skip=check/canmknod", "--variant=minbase", "--dpkgopt=force-unsafe-io"];
  const settings = [...SIGNED_ONLY, ...(await readAgeSettings())].map((setting) => `--aptopt=${setting}`);
  const mirror = readDebianMirror();
  const sources = step.sources.map((line) =>
    line.replace(/^deb /, `deb [signed-by="${KEYRING}"] `).replace(DEBIAN, mirror ?? DEBIAN),
  );
  const script = 'exec mmdebstrap "$@"';
  const args = [...options, ...settings, ...include, step.suite, root, ...sources];
  await runIsolated(script, args, "host", { env: { TMPDIR: temporary } }).catch((error: Error) => {
    throw debianFailure(`Debian's ${step.suite}`, mirror ?? DEBIAN, error);
  });
  const leftovers = [
    "etc/resolv.conf",
    "etc/hostname",
    "etc/apt/sources.list",
    "etc/apt/apt.conf.d/99mmdebstrap",
    "etc/dpkg/dpkg.cfg.d/99mmdebstrap",
  ];
  for (const path of leftovers) await rm(join(root, path), { force: true });
  await emptyFolders(root, ["dev", "var/cache/apt", "var/lib/apt/lists", "var/log", "tmp"]);
  // apt makes only the last of these by itself.
  for (const path of ["var/cache/apt/archives/partial", "var/lib/apt/lists/partial"])
    await mkdir(join(root, path), { recursive: true });
  await chmod(root, 0o755);
}

/** mmdebstrap's apt does not read the machine's settings. */
async function readAgeSettings(): Promise<string[]> {
  const names = AGE_SETTINGS.flatMap((name, nth) => [`AGE${nth}`, `${name}/b`]);
  const text = (await runTool(["apt-config", "shell", ...names])).toString("utf8");
  return [...text.matchAll(/^AGE(\d)='(true|false)'$/gm)].map(
    ([, nth, value]) => `${AGE_SETTINGS[Number(nth)]} "${value}";`,
  );
}

async function emptyFolders(root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    for (const name of await readdir(join(root, path)).catch(() => []))
      await rm(join(root, path, name), { recursive: true, force: true });
  }
}

/**
 * Installs packages into a Debian system. The host's apt works on the image's package lists, so the host's proxy settings count and the
 * image needs no network.
 */
export async function installPackages(step: Step<"apt">, context: StepContext): Promise<void> {
  const { root, temporary, sharedDir } = context;
  const shared = join(sharedDir, "apt");
  for (const name of ["lists", "archives", "none/partial"]) await mkdir(join(shared, name), { recursive: true });
  noteUse(shared);
  const mirror = readDebianMirror();
  await writeAptFiles(context, mirror ?? DEBIAN);
  const unlock = await lockFile(join(shared, "lock"));
  try {
    const env = {
      DEBIAN_FRONTEND: "noninteractive",
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      TMPDIR: "/tmp",
    };
    await runIsolated(INSTALL, [root, shared, join(temporary, "apt.conf"), ...step.packages], "host", { env });
  } catch (error) {
    throw debianFailure(`Debian's packages ${step.packages.join(", ")}`, mirror ?? DEBIAN, error as Error);
  } finally {
    await unlock();
  }
  await emptyFolders(root, ["var/log", "tmp"]);
  for (const name of ["pkgcache.bin", "srcpkgcache.bin"]) await rm(join(root, "var/cache/apt", name), { force: true });
}

/**
 * Shell. apt takes a package that it has loaded before by its size alone; what is not as the signed index says is loaded again.
 */
const INSTALL = `${MOUNT_SYSTEM_FOLDERS}
mount --bind "$2/lists" "$1/var/lib/apt/lists"
mount --bind "$2/archives" "$1/var/cache/apt/archives"
archives=$2/archives; none=$2/none; config=$3; shift 3
apt-get -c "$config" -q update
apt-get -c "$config" -qq -o Dir::Cache::archives="$none" -o Acquire::ForceHash=SHA256 --print-uris install "$@" > "$config.uris"
while read -r uri name size hash; do
  if [ -e "$archives/$name" ] && ! echo "\${hash#SHA256:}  $archives/$name" | sha256sum --status --check; then
    rm -f "$archives/$name"
  fi
done < "$config.uris"
exec apt-get -c "$config" -q --yes install "$@"`;

async function writeAptFiles({ root, temporary }: StepContext, mirror: string): Promise<void> {
  const sources = (await readFile(join(root, "etc/apt/sources.list.d/debian.sources"), "utf8"))
    .replace(/^Signed-By: .*$/gm, `Signed-By: ${root}${KEYRING}`)
    .replaceAll(`URIs: ${DEBIAN}/`, `URIs: ${mirror}/`);
  await mkdir(join(temporary, "sources"));
  await writeFile(join(temporary, "sources", "debian.sources"), sources);
  const config = [
    `Dir::State "${root}/var/lib/apt";`,
    `Dir::State::status "${root}/var/lib/dpkg/status";`,
    `Dir::Cache "${root}/var/cache/apt";`,
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    'Dir::Etc::sourcelist "/dev/null";',
    `Dir::Etc::sourceparts "${temporary}/sources";`,
    `Dir::Log "${temporary}";`,
    // The store may lie in a home that apt's own user cannot enter.
    'APT::Sandbox::User "root";',
    'APT::Install-Recommends "false";',
    'Acquire::Languages "none";',
    ...SIGNED_ONLY,
    `DPkg::Chroot-Directory "${root}";`,
    'DPkg::Options:: "--force-unsafe-io";',
    // What the host does after an installation would be done in the image.
    ...[
      "DPkg::Post-Invoke",
      "DPkg::Pre-Invoke",
      "DPkg::Pre-Install-Pkgs",
      "APT::Update::Post-Invoke",
      "APT::Update::Post-Invoke-Success",
    ].map((name) => `#clear ${name};`),
  ];
  await writeFile(join(temporary, "apt.conf"), `${config.join("\n")}\n`);
}
