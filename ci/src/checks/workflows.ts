import { type Changeset, type Directory, ExistsType, type Workspace } from "@dagger.io/dagger";
import { SlipwayError, tellAccount } from "../account.ts";
import { type Checkout, openCheckout } from "../checkout/checkout.ts";
import { type FilePlan, planFiles, tellMisplaced } from "../providers/compare.ts";
import { PATHS, tellGenerate, writeProviders } from "../providers/providers.ts";
import { tellFolder } from "../repository/outline.ts";

const SKIPPED = "skipped: slipway.yaml names no providers, so there are no CI files to check\n";

/**
 * The files of the CI systems as slipway.yaml asks for them, over those that are there.
 *
 * @throws SlipwayError `foreign-file` when a person has written one of them: then nothing is written
 * @throws SlipwayError `bad-arguments` below the top: files would be written from the caller's folder on
 */
export async function proposeWorkflows(workspace: Workspace): Promise<Changeset> {
  const checkout = await openCheckout(workspace);
  const caller = await workspace.path();
  if (caller !== checkout.folder) throw refuseBelowTop(caller, checkout.folder);
  const { plan, changes } = await compare(checkout);
  if (plan.foreign.length > 0) throw refuseForeign(plan.foreign);
  return changes;
}

/**
 * Whether the committed files are those that would be written.
 *
 * @throws SlipwayError `workflows-differ` with the difference, `foreign-file`
 */
export async function checkWorkflows(checkout: Checkout): Promise<string> {
  const { plan, changes, count } = await compare(checkout);
  const paths = [...plan.writes.map(({ path }) => path), ...plan.removes];
  if (plan.foreign.length > 0) throw refuseForeign(plan.foreign);
  if (paths.length > 0) throw refuseDrift(checkout, paths, await changes.asPatch().contents());
  return count === 0 ? SKIPPED : `${count} files match slipway.yaml\n`;
}

/** What stands between the committed files of CI systems and those that slipway.yaml asks for. */
export async function planWorkflows(checkout: Checkout): Promise<FilePlan> {
  const { settings, folder } = checkout;
  if (isMisplaced(settings, folder)) return { writes: [], removes: [], foreign: [], misplaced: tellMisplaced(folder) };
  return (await compare(checkout)).plan;
}

interface Compared {
  readonly plan: FilePlan;
  readonly changes: Changeset;
  /** Of the files that are asked for. */
  readonly count: number;
}

/** There no system looks for its files, and the jobs call at the top, where there is no slipway.yaml. */
function isMisplaced({ providers }: Checkout["settings"], folder: string): boolean {
  return folder !== "." && Object.keys(providers).length > 0;
}

async function compare({ settings, outline, folder, files, listAll }: Checkout): Promise<Compared> {
  if (isMisplaced(settings, folder)) throw new SlipwayError("bad-config", tellMisplaced(folder));
  const wanted = writeProviders(settings, outline.text("dagger.json"));
  const before = files({ include: PATHS, exclude: [] });
  const present = await readPresent(before);
  const all = await listAll(PATHS);
  const taken = PATHS.filter((path) => all.some((one) => one === path || one.startsWith(`${path}/`)));
  const plan = planFiles(wanted, present, [...taken, ...PARENTS.filter((path) => outline.files.has(path))]);
  const written = plan.writes.reduce((made, { path, text }) => made.withNewFile(path, text), before);
  const after = plan.removes.reduce((made, path) => made.withoutFile(path), written);
  return { plan, changes: after.changes(before), count: wanted.length };
}

/** The folders that they lie in. */
const PARENTS = [...new Set(PATHS.flatMap(listParents))];

function listParents(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join("/"));
}

/** The texts of those that are there. Not those of links, which would be replaced, or followed to what somebody else has. */
async function readPresent(before: Directory): Promise<Map<string, string>> {
  const there = (await before.glob("**/*")).filter((path) => PATHS.includes(path));
  const kind = { expectedType: ExistsType.RegularType, doNotFollowSymlinks: true };
  const read = async (path: string) =>
    (await before.exists(path, kind)) ? [[path, await before.file(path).contents()] as const] : [];
  return new Map((await Promise.all(there.map(read))).flat());
}

function refuseBelowTop(caller: string, folder: string): SlipwayError {
  return new SlipwayError("bad-arguments", {
    what: `the files belong in the top folder of the repository, but this was called in ${caller}`,
    where: "the folder of the command",
    todo: `call it in ${tellFolder(folder)} of the repository`,
  });
}

function refuseForeign(paths: readonly string[]): SlipwayError {
  const [exists, it] = paths.length === 1 ? ["exists", "it"] : ["exist", "them"];
  return new SlipwayError("foreign-file", {
    what: `${paths.join(" and ")} ${exists} already, and Slipway did not write ${it}`,
    where: "providers of slipway.yaml",
    todo: `keep what is yours in a file of another name, delete ${it} and generate again; or remove the provider`,
  });
}

function refuseDrift({ outline }: Checkout, paths: readonly string[], patch: string): SlipwayError {
  const what = paths.length === 1 ? "1 file is" : `${paths.length} files are`;
  const account = {
    what: `${what} not as slipway.yaml has ${paths.length === 1 ? "it" : "them"}`,
    where: paths.join(", "),
    todo: tellGenerate(outline.text("dagger.json")),
  };
  return new SlipwayError("workflows-differ", `${tellAccount(account, "workflows-differ")}\n\n${patch.trimEnd()}`);
}
