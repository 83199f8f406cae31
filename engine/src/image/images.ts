import { join } from "node:path";
import { isOffline, LOAD_IT } from "../store/offline.ts";
import { noteLayerUse, type OnDamage } from "../store/records.ts";
import { readArchive, writeArchive } from "./archive.ts";
import { assembleImages, type ImageContent, isComplete, openImage, type WriteOptions } from "./assemble.ts";
import { Blobs, LostBlob, recordName } from "./blobs.ts";
import type { Image, RegistryCredentials } from "./image.ts";
import { Layers } from "./layers.ts";
import { formatPlatform, isDigest, parsePlatform } from "./oci.ts";
import type { RecipePlan } from "./recipe.ts";
import { buildRecipe } from "./recipe-build.ts";
import { formatReference, isLoopbackRegistry, parseReference, type Reference } from "./reference.ts";
import type { Endpoint } from "./registry/endpoint.ts";
import { RegistryError } from "./registry/fault.ts";
import { type Mirrors, readMirrors } from "./registry/mirrors.ts";
import { type PatienceOptions, readPatience } from "./registry/patience.ts";
import { silenceFor } from "./registry/silence.ts";
import type { Registry, ResolvedManifest } from "./registry.ts";

export type { ImageContent, WriteOptions } from "./assemble.ts";

/** Annotation of an image that a recipe made; its value is the recipe's image. */
const RECIPE_ANNOTATION = "slipway.dev/recipe";

export interface ImagesOptions {
  /** The store: `layers/` and `images/` are below it. */
  readonly storeDir: string;
  /** Told what a person should know, one line each, once each. */
  readonly onLine?: (line: string) => void;
  /** Told of each file of the store that is not as it was written; it is made again. */
  readonly onDamage?: OnDamage;
  /**
   * `auto`: the registry, and a recipe when no registry answers. `registry`: never a recipe. `recipe`: the recipe wherever
   * there is one, without asking. Default: `SLIPWAY_IMAGES`, else `auto`.
   */
  readonly from?: "auto" | "registry" | "recipe";
  /** Whether no registry may be asked and no recipe may load anything. Default: what `SLIPWAY_OFFLINE` says. */
  readonly offline?: boolean;
  /** Where the images of a registry are asked for first. Default: what `SLIPWAY_REGISTRY_MIRROR` says. */
  readonly mirrors?: Mirrors;
  /** Default: what `SLIPWAY_REGISTRY_PATIENCE` says. */
  readonly patience?: PatienceOptions;
}

/** Tells somebody of a piece of work that takes its time, and does it. */
export type InStep = <T>(name: string, work: (inStep: InStep) => Promise<T>) => Promise<T>;

const untold: InStep = (_name, work) => work(untold);

type Located =
  | {
      readonly by: "registry";
      readonly reference: Reference;
      readonly resolved: ResolvedManifest;
      /** The service that the registry is. */
      readonly endpoint?: Endpoint;
    }
  | { readonly by: "recipe"; readonly reference: Reference; readonly plan: RecipePlan };

/** All blobs of the manifest have been brought here. */
interface Pulled {
  readonly manifestDigest: string;
}

/** A registry that did not answer. */
interface Down {
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

/** For how long a registry that did not answer is not asked again by other runs. */
const DOWN_FOR_MS = 10 * 60_000;

/** Where images come from and go to. One for each session: what a tag means is asked once. */
export class Images {
  readonly #blobs: Blobs;
  readonly #layers: Layers;
  readonly #patience: PatienceOptions;
  readonly #onLine: (line: string) => void;
  readonly #from: "auto" | "registry" | "recipe";
  readonly #offline: boolean;
  readonly #mirrors: Mirrors;
  readonly #located = new Map<string, Promise<Located>>();
  readonly #opened = new Map<string, Promise<Image>>();
  /** Brings each image of a registry that was used in this session. */
  readonly #pulls: (() => Promise<string>)[] = [];
  readonly #told = new Set<string>();
  #registry: Promise<Registry> | undefined;

  constructor(options: ImagesOptions) {
    this.#blobs = new Blobs(join(options.storeDir, "images"), options.onDamage);
    this.#layers = new Layers(join(options.storeDir, "layers"), this.#blobs, async () => {
      for (const pull of this.#pulls) await pull();
    });
    this.#patience = options.patience ?? readPatience(process.env["SLIPWAY_REGISTRY_PATIENCE"]);
    this.#onLine = options.onLine ?? (() => undefined);
    this.#from = options.from ?? readChoice(process.env["SLIPWAY_IMAGES"]);
    this.#offline = options.offline ?? isOffline();
    this.#mirrors = options.mirrors ?? readMirrors(process.env["SLIPWAY_REGISTRY_MIRROR"]);
  }

  /**
   * What an address means in this session, without bringing it here.
   *
   * @param endpoint the service that is the registry: neither mirrors nor recipes count, nor what was pulled before
   * @returns the full reference with its digest, `docker.io/library/debian:bookworm@sha256:…`
   * @throws Error `failed to resolve image "…" (platform: "…"): …`
   */
  async resolve(
    address: string,
    platform: string,
    credentials: readonly RegistryCredentials[],
    endpoint?: Endpoint,
  ): Promise<{ ref: string; digest: string }> {
    return nameOf(await this.#locate(address, platform, credentials, endpoint));
  }

  /**
   * The image in the store: pulled, made by a recipe, or there already.
   *
   * @param inStep gets what is not there already as a step
   */
  async get(
    address: string,
    platform: string,
    credentials: readonly RegistryCredentials[],
    inStep = untold,
    endpoint?: Endpoint,
  ): Promise<Image> {
    const located = await this.#locate(address, platform, credentials, endpoint);
    const { ref, digest } = nameOf(located);
    return await remember(this.#opened, `${platform} ${ref}`, async () => {
      if (located.by === "recipe") return await this.#make(located.plan, ref, inStep);
      const pull = () =>
        inStep(`pull ${formatShort(located.reference)}`, () => this.#pull(located, platform, credentials));
      this.#pulls.push(pull);
      const open = (manifest: string) => openImage(manifest, { ref, digest }, this.#blobs, this.#layers);
      if (!(await this.#isPulled(located.resolved))) return await open(await pull());
      return await open(located.resolved.manifestDigest).catch(async (error) => {
        if (!(error instanceof LostBlob)) throw error;
        return await open(await pull());
      });
    });
  }

  /**
   * Pushes images under one address: one image as it is, several as an index of platforms.
   *
   * @returns the address with the digest, `127.0.0.1:5000/x:1@sha256:…`
   * @throws RegistryError with the registry's reason
   */
  async publish(
    address: string,
    images: readonly ImageContent[],
    credentials: readonly RegistryCredentials[],
    options: WriteOptions = {},
    endpoint?: Endpoint,
  ): Promise<string> {
    const { digest: _, ...named } = parseReference(address);
    const reference: Reference = { ...named, tag: named.tag ?? "latest" };
    const root = await assembleImages(images, this.#blobs, this.#layers, options);
    if (this.#offline && endpoint === undefined)
      throw new Error(`${formatReference(reference)} is not published: nothing is sent while offline`);
    const digest = await (await this.#openRegistry()).push(reference, root, credentials, endpoint);
    return formatReference({ ...reference, digest });
  }

  /** Writes images as an OCI archive that `docker load` reads as well. */
  async writeArchive(path: string, images: readonly ImageContent[], options: WriteOptions = {}): Promise<void> {
    await writeArchive(path, await assembleImages(images, this.#blobs, this.#layers, options), this.#blobs);
  }

  /**
   * Takes an image out of an archive: an OCI layout or a `docker save`.
   *
   * @param tag which of several; empty for the first one of the platform
   * @throws Error `image archive import: …`
   */
  async readArchive(path: string, platform: string, tag = ""): Promise<Image> {
    const digest = await readArchive(path, platform, tag, this.#blobs);
    return await openImage(digest, { ref: digest, digest }, this.#blobs, this.#layers);
  }

  async #locate(
    address: string,
    platform: string,
    credentials: readonly RegistryCredentials[],
    endpoint: Endpoint | undefined,
  ): Promise<Located> {
    const reference = parseReference(address);
    const wanted = formatPlatform(parsePlatform(platform));
    const key = `${wanted} ${formatReference(reference)} ${endpoint?.key ?? ""}`;
    return await remember(this.#located, key, async () => {
      try {
        if (endpoint !== undefined) {
          const resolved = await (await this.#openRegistry()).resolve(reference, wanted, credentials, endpoint);
          return { by: "registry", reference, resolved, endpoint };
        }
        return await this.#look(reference, wanted, credentials);
      } catch (error) {
        throw new Error(
          `failed to resolve image "${formatReference(reference)}" (platform: "${wanted}"): ${(error as Error).message}`,
          { cause: error },
        );
      }
    });
  }

  async #look(reference: Reference, platform: string, credentials: readonly RegistryCredentials[]): Promise<Located> {
    if (this.#from === "recipe" && !this.#offline) {
      const plan = await findPlan(reference, platform);
      if (plan !== undefined) return this.#useRecipe(reference, plan, "SLIPWAY_IMAGES=recipe");
      if (reference.registry === "docker.io") {
        throw new Error(
          await tellNoRecipe(reference, platform, ", and SLIPWAY_IMAGES=recipe forbids asking the registry"),
        );
      }
    }
    const pinName = recordName("pin", `${platform} ${formatReference(reference)}`);
    const pin = this.#blobs.recall<ResolvedManifest>(
      pinName,
      (known) => isDigest(known.digest) && isDigest(known.manifestDigest),
    );
    const isHere = pin !== undefined && (await this.#isPulled(pin));
    if (this.#offline) return await this.#lookInStore(reference, platform, isHere ? pin : undefined);
    // A digest always means the same.
    if (isHere && reference.digest !== undefined) return { by: "registry", reference, resolved: pin };

    const answer = await this.#ask(reference, platform, credentials, pinName);
    if (!(answer instanceof RegistryError)) return { by: "registry", reference, resolved: answer };
    if (answer.problem !== "unreachable") throw answer;
    if (isHere) {
      this.#tell(`${reference.registry} does not answer: ${formatShort(reference)} is the one that was pulled before`);
      return { by: "registry", reference, resolved: pin };
    }
    const plan = await findPlan(reference, platform);
    if (plan === undefined && reference.registry !== "docker.io") throw answer;
    if (this.#from === "registry") throw new Error(`${answer.message}\nSLIPWAY_IMAGES=registry forbids recipes`);
    if (plan !== undefined) return this.#useRecipe(reference, plan, `${reference.registry} does not answer`);
    throw new Error(`${answer.message}\n${await tellNoRecipe(reference, platform, " either")}`);
  }

  /** Without a network: what was pulled before, or what a recipe has made before. */
  async #lookInStore(reference: Reference, platform: string, pin: ResolvedManifest | undefined): Promise<Located> {
    const plan = this.#from === "registry" ? undefined : await findPlan(reference, platform);
    const missing = plan?.layers.filter(({ id }) => !this.#layers.has(id)).map(({ name }) => name);
    const isRecipeFirst = this.#from === "recipe" && plan !== undefined;
    if (pin !== undefined && !isRecipeFirst) return { by: "registry", reference, resolved: pin };
    if (plan !== undefined && missing?.length === 0) return this.#useRecipe(reference, plan, "offline");
    const what =
      missing === undefined ? "it is not in the store" : `of its recipe the store lacks ${missing.join(", ")}`;
    throw new Error(
      `${what}, and nothing is loaded while offline\n  to do: load it once with a network: slipway core container from --address ${formatShort(reference)} sync`,
    );
  }

  async #ask(
    reference: Reference,
    platform: string,
    credentials: readonly RegistryCredentials[],
    pinName: string,
  ): Promise<ResolvedManifest | RegistryError> {
    const downName = recordName(
      "down",
      [reference.registry, ...(this.#mirrors.get(reference.registry) ?? [])].join(" "),
    );
    const remembersDown = this.#from === "auto" && !isLoopbackRegistry(reference.registry);
    const down = remembersDown ? this.#blobs.recall<Down>(downName, isDown) : undefined;
    if (down !== undefined && Date.now() < down.untilMs) return silenceFor(down.message, reference);
    try {
      const resolved = await (await this.#openRegistry()).resolve(reference, platform, credentials);
      await this.#blobs.record(pinName, resolved);
      if (down !== undefined) await this.#blobs.forget(downName);
      return resolved;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (error.problem === "unreachable" && remembersDown) {
        await this.#blobs.record(downName, { message: error.message, untilMs: Date.now() + DOWN_FOR_MS });
      }
      return error;
    }
  }

  async #isPulled(resolved: ResolvedManifest): Promise<boolean> {
    const name = recordName("pulled", resolved.manifestDigest);
    const known = this.#blobs.recall<Pulled>(name, ({ manifestDigest }) => isDigest(manifestDigest));
    return known !== undefined && (await isComplete(resolved.manifestDigest, this.#blobs, this.#layers));
  }

  async #pull(
    located: Located & { by: "registry" },
    platform: string,
    credentials: readonly RegistryCredentials[],
  ): Promise<string> {
    const { reference, resolved, endpoint } = located;
    const { manifestDigest } = resolved;
    try {
      if (this.#offline && endpoint === undefined)
        throw new Error(`a part of it is missing in the store, and nothing is loaded while offline\n${LOAD_IT}`);
      const { digest } = await (await this.#openRegistry()).pull(reference, manifestDigest, credentials, endpoint);
      await this.#blobs.record(recordName("pulled", manifestDigest), { manifestDigest: digest } satisfies Pulled);
      return digest;
    } catch (error) {
      throw new Error(
        `failed to pull image "${formatReference(reference)}" (platform: "${platform}"): ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  /** Loaded when it is needed: most commands find every image in the store. */
  #openRegistry(): Promise<Registry> {
    this.#registry ??= import("./registry.ts").then(
      ({ Registry }) => new Registry(this.#blobs, this.#patience, (line) => this.#tell(line), this.#mirrors),
    );
    return this.#registry;
  }

  #useRecipe(reference: Reference, plan: RecipePlan, reason: string): Located {
    this.#tell(`${reason}: ${formatShort(reference)} is made by a recipe (${plan.summary})`);
    return { by: "recipe", reference, plan };
  }

  async #make(plan: RecipePlan, ref: string, inStep: InStep): Promise<Image> {
    const build = (within: InStep) =>
      buildRecipe(plan, { blobs: this.#blobs, layers: this.#layers, onLine: this.#onLine, inStep: within });
    const isMade = plan.layers.every(({ id }) => this.#layers.has(id));
    const snapshot = isMade ? await build(untold) : await inStep(`make ${plan.name} by its recipe`, build);
    // What runs as a service leaves no result that would say when they were last used.
    for (const { id } of plan.layers) noteLayerUse(this.#layers.path(id));
    return {
      ref,
      digest: plan.digest,
      platform: plan.platform,
      config: plan.config,
      snapshot,
      annotations: { [RECIPE_ANNOTATION]: plan.name },
      recipe: plan.name,
    };
  }

  #tell(line: string): void {
    if (this.#told.has(line)) return;
    this.#told.add(line);
    this.#onLine(line);
  }
}

function nameOf(located: Located): { ref: string; digest: string } {
  const digest = located.by === "recipe" ? located.plan.digest : located.resolved.digest;
  return { ref: formatReference({ ...located.reference, digest }), digest };
}

function isDown({ message, untilMs }: Partial<Down>): boolean {
  return typeof message === "string" && typeof untilMs === "number";
}

/** As a person writes it: without `docker.io/library/`. */
function formatShort(reference: Reference): string {
  return formatReference(reference).replace(/^docker\.io\/(?:library\/)?/, "");
}

/** Loaded when they are needed: where registries answer, the recipes and their checks would only cost time. */
async function findPlan(reference: Reference, platform: string): Promise<RecipePlan | undefined> {
  const { findRecipe } = await import("./recipe-book.ts");
  return findRecipe(reference, platform);
}

/** The error's last lines for an image that no recipe makes. */
async function tellNoRecipe(reference: Reference, platform: string, more: string): Promise<string> {
  const { adviseOnRecipes, whyNoRecipe } = await import("./recipe-advice.ts");
  return `${whyNoRecipe(reference)}${more}\n${adviseOnRecipes(reference, platform)}`;
}

function readChoice(value: string | undefined): "auto" | "registry" | "recipe" {
  if (value === undefined || value === "" || value === "auto") return "auto";
  if (value === "registry" || value === "recipe") return value;
  throw new Error(`SLIPWAY_IMAGES is "${value}"\n  to do: set it to auto, registry or recipe`);
}

/** Runs `make` once for a key; a failure is not kept, so that a later try can succeed. */
async function remember<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let made = known.get(key);
  if (made === undefined) {
    made = make();
    known.set(key, made);
    made.catch(() => known.delete(key));
  }
  return await made;
}
