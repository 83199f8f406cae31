import { z } from "zod";
import type { ImageConfig } from "./image.ts";

/**
 * Recipes are data: how to make an equivalent of a known image out of packages. One file holds layers by name and the
 * images that are made of them.
 */

/** Changes whenever the same recipe text makes something else than before. */
const RECIPE_FORMAT = 1;

const absolute = z
  .string()
  .regex(/^(?:\/[^/\0]+)+$/, "must be an absolute path without an ending slash")
  .refine((path) => !path.split("/").includes(".."), "must not hold ..")
  .refine(
    (path) => !/^\/(?:bin|sbin|lib|lib64)\//.test(path),
    "must name the folder below /usr: this one is a link in Debian",
  );
const mode = z.string().regex(/^[0-7]{4}$/, "must be four octal digits such as 0755");
const owner = z
  .string()
  .regex(/^\d+:\d+$/, "must be uid:gid in digits")
  .default("0:0");
const version = z.string().regex(/^\d+\.\d+\.\d+$/, "must be an exact version");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits");
const folderName = z.string().regex(/^[\w-]+$/, "must be the name of a folder");
const oneLine = z.string().regex(/^[^\n]*$/, "must be one line");
const debianName = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, "must be the name of a Debian package");

const step = z.discriminatedUnion("kind", [
  /** A whole Debian system by mmdebstrap. Only in a layer of an image without a base. */
  z.strictObject({
    kind: z.literal("debian"),
    suite: z.string().regex(/^[a-z]+$/),
    sources: z.array(z.string().regex(/^deb /)).min(1),
    packages: z.array(debianName).default([]),
  }),
  /** Debian packages on top of a base, without those that are only recommended. */
  z.strictObject({ kind: z.literal("apt"), packages: z.array(debianName).min(1) }),
  /** Files of one npm package: all of it into a folder, or some of it, each to its own path. */
  z.strictObject({
    kind: z.literal("npm"),
    package: z.string().regex(/^(?:@[a-z0-9._-]+\/)?[a-z0-9._-]+$/),
    version,
    integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/, "must be the sha512 integrity of the registry"),
    into: absolute.optional(),
    files: z.record(z.string().min(1), absolute).optional(),
    /** Zip archives in the package that are unpacked first, each into a new folder of the package. */
    unzip: z.record(z.string().min(1), folderName).optional(),
    executables: z.array(z.string().min(1)).default([]),
  }),
  /** Jar files of Maven Central, `group:artifact:version` each. */
  z.strictObject({
    kind: z.literal("maven"),
    into: absolute,
    artifacts: z
      .array(
        z.strictObject({
          at: z.string().regex(/^[\w.-]+:[\w.-]+:[\w.-]+$/, "must be group:artifact:version"),
          sha256,
        }),
      )
      .min(1),
  }),
  /** Files of one archive of Maven Central or of a proxy of Go modules, each to its own path. */
  z.strictObject({
    kind: z.literal("archive"),
    from: z
      .string()
      .regex(
        /^(?:maven:[\w.-]+(?::[\w.-]+){2,3}@(?:jar|zip|tar\.gz)|go:[a-z0-9./-]+@v[a-z0-9.-]+)$/,
        "must be maven:group:artifact:version[:classifier]@(jar|zip|tar.gz) or go:module@version",
      ),
    sha256,
    /** Archives in the archive that are unpacked first, each into a new folder. */
    unpack: z.record(z.string().regex(/\.(?:zip|tar\.gz|txz)$/), folderName).optional(),
    files: z.record(z.string().min(1), absolute),
    /** Files, and folders of which each file is one. Zip archives tell nothing of this. */
    executables: z.array(z.string().min(1)).default([]),
  }),
  z.strictObject({
    kind: z.literal("file"),
    path: absolute,
    mode: mode.default("0644"),
    owner,
    lines: z.array(oneLine),
  }),
  z.strictObject({ kind: z.literal("folder"), path: absolute, mode: mode.default("0755"), owner }),
  z.strictObject({ kind: z.literal("link"), path: absolute, target: z.string().min(1) }),
  z.strictObject({
    kind: z.literal("user"),
    name: z.string().regex(/^[a-z_][a-z0-9_-]*$/),
    uid: z.int().min(1),
    gid: z.int().min(1),
    home: absolute,
    shell: z.string().startsWith("/"),
  }),
  /** Takes away what lies below some folders, except files of some names. */
  z.strictObject({
    kind: z.literal("remove"),
    under: z.array(absolute).min(1),
    except: z.array(z.string().min(1)).default([]),
  }),
  /** A command in the image, without network. */
  z.strictObject({
    kind: z.literal("run"),
    args: z.array(z.string()).min(1),
    user: owner,
  }),
  /** A shell script in the image, without network. It leaves nothing of itself there. */
  z.strictObject({ kind: z.literal("script"), lines: z.array(oneLine).min(1), user: owner }),
]);

const config = z.strictObject({
  Env: z.array(z.string().regex(/^[A-Za-z_]\w*=/, "must be NAME=value")).optional(),
  Entrypoint: z.array(z.string()).optional(),
  Cmd: z.array(z.string()).optional(),
  WorkingDir: absolute.optional(),
  User: z.string().optional(),
  Labels: z.record(z.string(), z.string()).optional(),
  ExposedPorts: z.record(z.string().regex(/^\d+\/(?:tcp|udp)$/), z.strictObject({})).optional(),
  StopSignal: z
    .string()
    .regex(/^SIG[A-Z0-9]+$/)
    .optional(),
});

const image = z.strictObject({
  /** Without `docker.io/library/`; of other registries with their host. The first one names the recipe. */
  names: z.array(z.string().regex(/^[a-z0-9./_-]+:[\w.-]+$/, "must be a name with a tag")).min(1),
  platforms: z.array(z.string().regex(/^linux\/[a-z0-9]+$/)).min(1),
  /** Another recipe's name: its layers come first, and its configuration counts where this one says nothing. */
  base: z.string().optional(),
  /** Names of layers of the same file, lowest first. */
  layers: z.array(z.string()),
  /** What it is made of, in a few words for the person. */
  summary: z.string().min(1).max(80),
  config,
});

const recipeFile = z.strictObject({
  layers: z.record(z.string(), z.array(step).min(1)),
  images: z.array(image).min(1),
});

export type RecipeStep = z.infer<typeof step>;
export type Step<Kind extends RecipeStep["kind"]> = Extract<RecipeStep, { kind: Kind }>;
export type RecipeImage = z.infer<typeof image>;
export type RecipeFile = z.infer<typeof recipeFile>;

/** A layer to be made. */
export interface LayerPlan {
  /** Name of the layer folder: 16 hex digits of all that decides its content. */
  readonly id: string;
  readonly name: string;
  /** Whether its steps look at, or work in, what lies below. A layer that does not is shared between bases. */
  readonly needsBase: boolean;
  readonly steps: readonly RecipeStep[];
}

/** An image to be made by a recipe. */
export interface RecipePlan {
  readonly name: string;
  readonly platform: string;
  /** `sha256:…` over everything that decides its content. */
  readonly digest: string;
  readonly summary: string;
  /** Lowest first. */
  readonly layers: readonly LayerPlan[];
  readonly config: ImageConfig;
}

/**
 * Checks recipe files together, since images refer to each other.
 *
 * @param files by the name of the file
 * @throws Error with every problem and where it is, one a line
 */
export function readRecipes(files: Readonly<Record<string, unknown>>): RecipeFile[] {
  const problems: string[] = [];
  const read: { name: string; file: RecipeFile }[] = [];
  for (const [name, content] of Object.entries(files)) {
    const parsed = recipeFile.safeParse(content);
    if (parsed.success) read.push({ name, file: parsed.data });
    else
      problems.push(
        ...parsed.error.issues.map((issue) => `${name}: ${issue.path.join(".") || "(whole file)"}: ${issue.message}`),
      );
  }
  const known = new Map<string, string>();
  for (const { name, file } of read) {
    problems.push(...findStepProblems(name, file));
    for (const imageName of file.images.flatMap((entry) => entry.names)) {
      const other = known.get(imageName);
      if (other !== undefined) problems.push(`${name}: ${imageName} is made in ${other} already`);
      known.set(imageName, name);
    }
  }
  for (const { name, file } of read) {
    for (const entry of file.images) {
      const hasBase = entry.base !== undefined;
      if (entry.base !== undefined && !known.has(entry.base))
        problems.push(`${name}: ${entry.names[0]}: no recipe makes the base ${entry.base}`);
      for (const layer of entry.layers) {
        const steps = file.layers[layer];
        if (steps === undefined) problems.push(`${name}: ${entry.names[0]}: there is no layer ${layer}`);
        if (hasBase && steps?.some(({ kind }) => kind === "debian") === true)
          problems.push(`${name}: ${entry.names[0]}: the layer ${layer} is a whole system and fits on no base`);
      }
    }
  }
  if (problems.length > 0)
    throw new Error(`recipes are not valid:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  return read.map(({ file }) => file);
}

function findStepProblems(name: string, file: RecipeFile): string[] {
  const problems: string[] = [];
  for (const [layer, steps] of Object.entries(file.layers)) {
    if (!file.images.some((entry) => entry.layers.includes(layer)))
      problems.push(`${name}: layers.${layer}: no image uses it`);
    for (const [index, each] of steps.entries()) {
      const where = `${name}: layers.${layer}.${index}`;
      if (each.kind === "npm" && (each.into === undefined) === (each.files === undefined))
        problems.push(`${where}: needs either "into" or "files"`);
      if (each.kind === "debian" && index !== 0) problems.push(`${where}: a whole system can only be the first step`);
    }
  }
  return problems;
}

/** The recipe of an image by any of its names; undefined when there is none for that platform. */
export function planRecipe(
  name: string,
  platform: string,
  files: readonly RecipeFile[],
  digestOf: (value: unknown) => string,
): RecipePlan | undefined {
  const file = files.find(({ images }) => images.some((entry) => entry.names.includes(name)));
  const entry = file?.images.find(({ names }) => names.includes(name));
  if (file === undefined || entry === undefined || !entry.platforms.includes(platform)) return undefined;
  const base = entry.base === undefined ? undefined : planRecipe(entry.base, platform, files, digestOf);
  if (entry.base !== undefined && base === undefined) return undefined;

  const layers: LayerPlan[] = [...(base?.layers ?? [])];
  for (const layer of entry.layers) {
    const steps = file.layers[layer] ?? [];
    const needsBase = steps.some(({ kind }) => ["apt", "user", "remove", "run", "script"].includes(kind));
    const below = needsBase ? layers.map(({ id }) => id) : [];
    layers.push({
      id: digestOf(["layer", RECIPE_FORMAT, platform, below, steps]).slice(0, 16),
      name: layer,
      needsBase,
      steps,
    });
  }
  const settings = {
    ...base?.config,
    ...withoutAbsent(entry.config),
    Env: mergeEnv(base?.config.Env ?? [], entry.config.Env ?? []),
  } as ImageConfig;
  return {
    name: entry.names[0] ?? name,
    platform,
    digest: `sha256:${digestOf(["image", layers.map(({ id }) => id), settings])}`,
    summary: entry.summary,
    layers,
    config: settings,
  };
}

/** Later variables replace earlier ones of the same name, in their place. */
function mergeEnv(base: readonly string[], own: readonly string[]): string[] {
  const merged = new Map([...base, ...own].map((entry) => [entry.slice(0, entry.indexOf("=")), entry]));
  return [...merged.values()];
}

function withoutAbsent<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>;
}
