import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { mountOverlay, unmount } from "../store/overlay.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { noteFullDisk } from "../store/system-words.ts";
import type { Blobs } from "./blobs.ts";
import type { Layers } from "./layers.ts";
import type { LayerPlan, RecipePlan } from "./recipe.ts";
import { type Fetched, fetchStep } from "./recipe-fetch.ts";
import { takeStep } from "./recipe-steps.ts";
import { lockFile } from "./sandbox.ts";
import type { StepContext } from "./step-context.ts";

export interface RecipeBuildContext {
  readonly blobs: Blobs;
  readonly layers: Layers;
  readonly onLine: (line: string) => void;
  readonly inStep: <T>(name: string, work: () => Promise<T>) => Promise<T>;
}

/**
 * Makes the layers of a recipe that are not in the store. Layers that look at nothing below them are made beside the
 * others; two processes that want the same layer make it once.
 *
 * @throws Error that names the recipe, the layer and what went wrong
 */
export async function buildRecipe(plan: RecipePlan, context: RecipeBuildContext): Promise<Snapshot> {
  const pending: Promise<void>[] = [];
  let below: Promise<void> = Promise.resolve();
  for (const [index, layer] of plan.layers.entries()) {
    const lower = plan.layers.slice(0, index).map(({ id }) => id);
    const before = [...pending];
    const ready = layer.needsBase ? Promise.all(before).then(() => undefined) : Promise.resolve();
    below = ready.then(() => buildLayer(plan, layer, layer.needsBase ? lower : [], context));
    pending.push(below);
  }
  const outcomes = await Promise.allSettled(pending);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return { layers: plan.layers.map(({ id }) => id) };
}

async function buildLayer(
  plan: RecipePlan,
  layer: LayerPlan,
  lower: readonly string[],
  context: RecipeBuildContext,
): Promise<void> {
  if (context.layers.has(layer.id)) return;
  const unlock = await lockFile(join(context.blobs.dir, `layer-${layer.id}.lock`));
  try {
    if (context.layers.has(layer.id)) return;
    context.onLine(`making the layer "${layer.name}" of ${plan.name}`);
    await context.inStep(`make the layer "${layer.name}"`, () => buildLocked(layer, lower, context));
  } catch (error) {
    throw new Error(`the recipe for ${plan.name} failed at the layer "${layer.name}": ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await rm(join(context.blobs.dir, `layer-${layer.id}.lock`), { recursive: true, force: true });
    await unlock();
  }
}

async function buildLocked(layer: LayerPlan, lower: readonly string[], context: RecipeBuildContext): Promise<void> {
  const temporary = await context.blobs.makeTemporary();
  const dir = join(temporary, "layer");
  const root = lower.length === 0 ? dir : join(temporary, "root");
  let mounted = false;
  try {
    await mkdir(dir);
    await chmod(dir, 0o755);
    // Names come from the network while nothing is mounted; a step that fails there leaves less behind.
    const stepContext: StepContext = { root, temporary, sharedDir: context.blobs.dir };
    const fetched: Fetched[] = await Promise.all(
      layer.steps.map((step, index) => fetchStep(step, join(temporary, `step-${index}`))),
    );
    if (lower.length > 0) {
      await Promise.all([mkdir(root), mkdir(join(temporary, "work"))]);
      await mountOverlay({
        layersDir: context.layers.path("."),
        lower,
        upper: dir,
        work: join(temporary, "work"),
        target: root,
      });
      mounted = true;
    }
    for (const [index, step] of layer.steps.entries()) await takeStep(step, fetched[index], stepContext);
    if (mounted) await unmount(root);
    mounted = false;
    await context.layers.adopt(dir, layer.id);
  } catch (error) {
    // Now: what is half done goes, and then there is room again.
    throw new Error(`${(error as Error).message}${noteFullDisk(context.blobs.dir)}`, { cause: error });
  } finally {
    if (mounted) await unmount(root);
    await rm(temporary, { recursive: true, force: true });
  }
}
