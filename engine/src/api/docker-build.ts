import { type Dockerfile, readDockerfile, syntaxOf } from "../dockerfile/dockerfile.ts";
import { readIgnoreFile } from "../dockerfile/ignore-file.ts";
import { type Outline, outlineStages } from "../dockerfile/outline.ts";
import { planStages } from "../dockerfile/plan.ts";
import type { ImageSettings } from "../dockerfile/planned.ts";
import { DockerfileProblem } from "../dockerfile/problem.ts";
import { readInside } from "../store/inside.ts";
import { errorCode, PathError, pathError } from "../store/paths.ts";
import { object, text } from "./arguments.ts";
import { settingsOf } from "./dockerfile-settings.ts";
import { assemble, readBase } from "./dockerfile-stages.ts";
import { ApiError, ExecFailure, messageOf } from "./errors.ts";
import type { Args, Fields, Graph, Obj, Pin } from "./graph.ts";
import { HOST_PLATFORM } from "./platform.ts";
import { pathIn, rootOf } from "./trees.ts";
import type { ContainerValue, DirectoryValue, SecretValue } from "./values.ts";

/** Containers from Dockerfiles: the file is turned into steps of this graph. */
export const dockerBuildFields: Fields = {
  Directory: {
    dockerBuild: {
      run: async (self, args, graph): Promise<ContainerValue> => evaluate(await planBuild(self, args, graph)),
      // It depends on what its steps take, not on all of the folder.
      pin: async (self, args, graph): Promise<Pin> => {
        const built = await planBuild(self, args, graph);
        return { key: await telling(() => built.key()) };
      },
      check: async (self, args, graph) => {
        await evaluate(await planBuild(self, args, graph));
      },
    },
  },
};

/** Frontends whose language this is. */
const KNOWN_FRONTEND = /^(?:(?:index\.)?docker\.io\/)?(?:docker|moby)\/dockerfile(?:-upstream)?(?:[:@]|$)/;

/** Turns the Dockerfile into the object that its target is. Images are looked up; nothing is run. */
async function planBuild(self: Obj, args: Args, graph: Graph): Promise<Obj> {
  const name = text(args["dockerfile"], "Dockerfile") || "Dockerfile";
  const directory = await self.value<DirectoryValue>();
  const context = await contextOf(self, directory, graph, text(args["dockerfile"], "Dockerfile"));
  const source = await readSource(graph, directory, name);
  const frontend = syntaxOf(source);
  if (frontend !== undefined && !KNOWN_FRONTEND.test(frontend.toLowerCase())) {
    throw new ApiError(`dockerBuild syntax frontend ${JSON.stringify(frontend)} is unsupported in hard-cutover path`);
  }
  const secrets = await secretsOf(args);
  const platform = text(args["platform"], HOST_PLATFORM);
  const buildArgs = buildArgsOf(args);
  const { outline, bases } = await converting(name, async () => {
    const file: Dockerfile = readDockerfile(source);
    const outlined = outlineStages(file, { buildArgs, target: text(args["target"]), platform });
    return { outline: outlined, bases: await basesOf(graph, outlined, platform) };
  });
  const stages = await converting(name, async () =>
    planStages(outline, {
      buildArgs,
      baseSettings: (index) => bases.get(index) as ImageSettings,
    }),
  );
  const ssh = args["ssh"] === undefined ? undefined : object(args["ssh"]);
  const build = { graph, context, secrets, ssh, platform, noInit: args["noInit"] === true };
  return await telling(
    async () => assemble(build, stages, outline.target),
    "failed to convert Dockerfile LLB to Dagger ID: ",
  );
}

function buildArgsOf(args: Args): ReadonlyMap<string, string> {
  const given = (args["buildArgs"] ?? []) as readonly { readonly name: string; readonly value: string }[];
  return new Map(given.map(({ name, value }) => [name, value]));
}

/** The secrets by the ids that the file uses for them: their names. */
async function secretsOf(args: Args): Promise<ReadonlyMap<string, Obj>> {
  const secrets = new Map<string, Obj>();
  for (const given of (args["secrets"] ?? []) as readonly unknown[]) {
    const secret = object(given);
    const { name } = await secret.value<SecretValue>();
    if (name === "") throw new ApiError("secret has no name and cannot be referenced from Dockerfile secret id");
    const known = secrets.get(name);
    if (known !== undefined && known !== secret) {
      throw new ApiError(`multiple secrets provided for dockerBuild secret id ${JSON.stringify(name)}`);
    }
    secrets.set(name, secret);
  }
  return secrets;
}

async function readSource(graph: Graph, directory: DirectoryValue, name: string): Promise<string> {
  const path = pathIn(directory, name);
  try {
    return readInside(await rootOf(graph, directory), path).toString("utf8");
  } catch (error) {
    const told = error instanceof PathError ? new PathError("open", path, error.code) : pathError("open", path, error);
    throw new ApiError(`failed to read Dockerfile ${JSON.stringify(name)}: ${messageOf(told)}`);
  }
}

/** The folder without what its `.dockerignore` names, or that of the Dockerfile's own name. */
async function contextOf(self: Obj, directory: DirectoryValue, graph: Graph, name: string): Promise<Obj> {
  const own = await readIgnored(graph, directory, `${name}.dockerignore`);
  const exclude = readIgnoreFile(own === "" ? await readIgnored(graph, directory, ".dockerignore") : own);
  // A part of a tree becomes one of its own, so that links lead nowhere above it.
  if (exclude.length === 0 && directory.path === "/") return self;
  return graph.object("Directory", { parent: self, field: "filter", args: exclude.length === 0 ? {} : { exclude } });
}

async function readIgnored(graph: Graph, directory: DirectoryValue, name: string): Promise<string> {
  try {
    return readInside(await rootOf(graph, directory), pathIn(directory, name)).toString("utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw pathError("open", pathIn(directory, name), error);
  }
}

/** The configurations of the images that stages begin with. */
async function basesOf(graph: Graph, outline: Outline, platform: string): Promise<ReadonlyMap<number, ImageSettings>> {
  const others = outline.stages.map(({ name }) => name);
  const found = await Promise.all(
    outline.needed.map(async (index) => {
      const stage = outline.stages[index];
      if (stage === undefined || stage.base.kind !== "image") return [];
      const wanted = { name: stage.base.name, platform: stage.platform ?? platform, line: stage.from.line };
      const image = await readBase(graph, wanted, others);
      return [[index, settingsOf(await image.value<ContainerValue>())] as const];
    }),
  );
  return new Map(found.flat());
}

/** Tells what is wrong with the file as the real engine does, and where it is. */
async function converting<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof DockerfileProblem)) throw error;
    const { message, line } = error;
    const place = line === undefined || message.includes(` on line ${line}: `) ? "" : ` (${name}:${line})`;
    throw new ApiError(`failed to convert Dockerfile to LLB: ${message}${place}`);
  }
}

async function evaluate(built: Obj): Promise<ContainerValue> {
  return await telling(() => built.value<ContainerValue>());
}

async function telling<T>(run: () => Promise<T>, words = "failed to clone built container state: "): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ExecFailure) throw new ExecFailure(`${words}${error.message}`, error.exec);
    if (error instanceof ApiError && error.extensions !== undefined) throw error;
    throw new ApiError(`${words}${messageOf(error)}`);
  }
}
