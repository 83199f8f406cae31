import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Images } from "../../../engine/src/image/images.ts";
import { findRecipe } from "../../../engine/src/image/recipe-book.ts";
import { parseReference } from "../../../engine/src/image/reference.ts";
import { startRegistry } from "../../support/registry.ts";
import { makeImage } from "./image-of-layers.ts";

const offline = suite("images while offline");

const dir = mkdtempSync(join(tmpdir(), "slipway-images-offline-"));
let stores = 0;

offline.after(() => rmSync(dir, { recursive: true, force: true }));

/** What an address means in a store that has these layers, or why it means nothing; and what was told. */
async function resolve(address: string, layers: readonly string[], from: "auto" | "registry" | "recipe" = "auto") {
  const told: string[] = [];
  const storeDir = join(dir, `store-${stores++}`);
  for (const id of layers) mkdirSync(join(storeDir, "layers", id), { recursive: true });
  const images = new Images({ storeDir, from, offline: true, onLine: (line) => told.push(line) });
  const said = await images.resolve(address, "linux/amd64", []).then(
    ({ ref }) => ref.replace(/@.*/, ""),
    ({ message }: Error) => message,
  );
  return { said, told };
}

function layersOf(address: string): { readonly id: string; readonly name: string }[] {
  return [...(findRecipe(parseReference(address), "linux/amd64")?.layers ?? [])];
}

const LOAD_IT = "  to do: load it once with a network: slipway core container from --address";

offline("an image is what its recipe has made before", async () => {
  const ids = layersOf("redis:7").map(({ id }) => id);
  assert.ok(ids.length > 1);
  for (const from of ["auto", "recipe"] as const) {
    assert.equal(await resolve("redis:7", ids, from), {
      said: "docker.io/library/redis:7",
      told: ["offline: redis:7 is made by a recipe (Debian 12's Redis 7.0)"],
    });
  }
});

offline("all layers of a recipe that the store lacks are told", async () => {
  const layers = layersOf("redis:7");
  const { said } = await resolve("redis:7", [layers[0]?.id ?? ""]);
  const names = layers.slice(1).map(({ name }) => name);
  assert.is(
    said,
    `failed to resolve image "docker.io/library/redis:7" (platform: "linux/amd64"): of its recipe the store lacks ${names.join(", ")}, and nothing is loaded while offline\n${LOAD_IT} redis:7 sync`,
  );
});

for (const [what, address, from] of [
  ["without a recipe", "nobody/nothing:1", "auto"],
  ["by its digest", `redis@sha256:${"0".repeat(64)}`, "auto"],
  ["whose recipe is forbidden", "redis:7", "registry"],
  ["of another registry", "ghcr.io/o/x:1", "recipe"],
] as const) {
  offline(`an image ${what} that the store has not is told with what loads it`, async () => {
    const full = address.startsWith("ghcr.io")
      ? address
      : `docker.io/${address.includes("/") ? "" : "library/"}${address}`;
    const ids = layersOf("redis:7").map(({ id }) => id);
    assert.equal(await resolve(address, ids, from), {
      said: `failed to resolve image "${full}" (platform: "linux/amd64"): it is not in the store, and nothing is loaded while offline\n${LOAD_IT} ${address} sync`,
      told: [],
    });
  });
}

offline("a blob that the store has lost is not pulled again, and told", async () => {
  const registry = await startRegistry();
  try {
    const source = makeImage(join(dir, "source"), [1_000]);
    const address = `${registry.address}/team/x:1`;
    await source.images.publish(address, [source.content], []);
    const storeDir = join(dir, "pulled");
    await new Images({ storeDir, from: "registry" }).get(address, "linux/amd64", []);
    const images = new Images({ storeDir, from: "registry", offline: true });
    assert.match((await images.get(address, "linux/amd64", [])).ref, address);
    rmSync(join(storeDir, "images/blobs"), { recursive: true });
    rmSync(join(storeDir, "layers"), { recursive: true });
    const lost = new Images({ storeDir, from: "registry", offline: true });
    const why = await lost.get(address, "linux/amd64", []).catch(({ message }: Error) => message);
    assert.match(String(why), "it is not in the store, and nothing is loaded while offline");
  } finally {
    await registry.stop();
  }
});

offline.run();
