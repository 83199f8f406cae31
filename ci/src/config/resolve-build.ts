import { about } from "../input/problems.ts";
import { showName } from "../input/shown.ts";
import type { Found, LanguageName, Main, Project } from "../languages/language.ts";
import { hasFile, pathIn } from "../repository/outline.ts";
import { argumentsByCompose, buildByCompose } from "./build-by-compose.ts";
import { toName } from "./found-name.ts";
import { projectsAt, type Scene } from "./scene.ts";
import { isService } from "./service-folders.ts";
import type { Build } from "./settings.ts";

type Written = NonNullable<NonNullable<Scene["file"]["services"]>[string]["build"]>;

/** How the image of a service is made: as the file says, by the Dockerfile of its folder, or by its language. */
export function resolveBuild(scene: Scene, name: string, path: string, written: Written = {}): Build {
  const { decisions } = scene;
  const at = ["services", name, "build"];
  const start = written.start === undefined ? {} : { start: written.start };
  if (written.image !== undefined) return { image: written.image, ...start };
  if (written.imageOf !== undefined) return { imageOf: written.imageOf, ...start };
  const found = findDockerfile(scene, path, written);
  const byCompose = found === undefined ? {} : buildByCompose(scene, name, path);
  const dockerfile = decisions.decide([...at, "dockerfile"], written.dockerfile, byCompose.dockerfile, found);
  if (dockerfile !== undefined) {
    const target = decisions.decide([...at, "target"], written.target, byCompose.target);
    const started = decisions.decide([...at, "start"], written.start, byCompose.start);
    return {
      dockerfile,
      context:
        decisions.decide([...at, "context"], written.context, byCompose.context, found && findContext(scene, path), {
          value: path,
          from: "default: the service's path",
        }) ?? path,
      ...(target === undefined ? {} : { target }),
      args: written.args ?? argumentsByCompose(scene, name, path, dockerfile),
      ...(started === undefined ? {} : { start: started }),
    };
  }
  const main = decisions.decide([...at, "main"], written.main, findMain(scene, name, path));
  return {
    language: resolveLanguage(scene, at, path, written.language),
    ...start,
    ...(main === undefined ? {} : { main }),
    ...(written.output === undefined ? {} : { output: written.output }),
    ...(written.reads === undefined ? {} : { reads: written.reads }),
  };
}

/** The Dockerfile of the folder, unless the file asks for a language. */
function findDockerfile(scene: Scene, path: string, written: Written): Found<string> | undefined {
  const asksLanguage =
    (written.language !== undefined && written.language !== "dockerfile") ||
    written.output !== undefined ||
    written.main !== undefined;
  if (asksLanguage || written.dockerfile !== undefined) return undefined;
  const [project] = projectsAt(scene, path, "dockerfile");
  if (project === undefined || isBuiltBefore(scene, project)) return undefined;
  const names = ["Dockerfile", "Containerfile"].map((file) => pathIn(path, file));
  const value = names.find((file) => hasFile(scene.outline, file)) ?? project.manager.from;
  return { value, from: `${value} is there` };
}

/** Of several programs of a folder the one that is called like the service. */
function findMain(scene: Scene, name: string, path: string): Found<string> | undefined {
  const programs = projectsAt(scene, path, "go").flatMap(({ mains }) => (mains.length > 1 ? mains : []));
  const found = scene.found.get(name);
  return (
    programs.find((main) => isCalled(main, name)) ??
    programs.find(({ value }) => found?.value === path && found.main === value)
  );
}

/** Whether a program of a project is meant by the name of a service. */
export function isCalled({ name }: Main, service: string): boolean {
  return name !== undefined && toName(name) === service;
}

/** A Dockerfile that copies what a build has made, beside a project that Slipway builds: the project's own way counts. */
function isBuiltBefore(scene: Scene, { path, lacks }: Project): boolean {
  return lacks !== undefined && projectsAt(scene, path).some((one) => one.language !== "dockerfile" && isService(one));
}

/** The folder that the Dockerfile of a folder copies from, when it is another one. */
function findContext(scene: Scene, path: string): Found<string> | undefined {
  const [project] = projectsAt(scene, path, "dockerfile");
  if (project === undefined || project.root === path) return undefined;
  return { value: project.root, from: `what ${project.manager.from} copies is there` };
}

type Builder = Exclude<LanguageName, "dockerfile">;

function resolveLanguage(
  scene: Scene,
  at: readonly string[],
  path: string,
  written: LanguageName | undefined,
): Builder {
  const { decisions, problems } = scene;
  const here = projectsAt(scene, path).filter(({ language }) => language !== "dockerfile");
  const [lacking] = projectsAt(scene, path, "dockerfile").flatMap(({ lacks }) => lacks ?? []);
  const instead =
    lacking === undefined ? "" : `, for ${lacking.from} copies ${lacking.value}, which is not in the repository`;
  const choices = here.map(({ language, manager }) => ({
    value: language as Builder,
    from: `${manager.from}${instead}`,
  }));
  const decided = decisions.decide([...at, "language"], written as Builder | undefined, ...choices);
  if (written === "dockerfile") {
    problems.push(about([...at, "language"], `there is no Dockerfile in ${showName(path)}; name it: dockerfile`));
    return "node";
  }
  const [first, second] = choices;
  if (written !== undefined) {
    if (choices.length > 0 && !choices.some(({ value }) => value === written))
      problems.push(
        about(
          [...at, "language"],
          `expected ${choices.map(({ value }) => value).join(" or ")}, which ${showName(path)} is; found ${written}`,
        ),
      );
  } else if (first !== undefined && second !== undefined) {
    // Written services would be the only ones; an answer about the folder leaves all others as they are found.
    const answer = `\`projects: { "${path}": { language: ${first.value} } }\``;
    const todo =
      scene.file.services === undefined
        ? `give ${answer}, or false for it if it is not part of the product`
        : "give language";
    problems.push(
      about(
        at,
        `is missing; ${showName(path)} is ${first.value} (${first.from}) and ${second.value} (${second.from}): ${todo}`,
      ),
    );
  }
  if (choices.length === 0 && !scene.detected.undecided.has(path))
    problems.push(
      about(
        at,
        `is missing; nothing in ${showName(path)} says how to build it (no package.json, pyproject.toml, requirements.txt, go.mod, pom.xml, build.gradle or Dockerfile): correct path, or give dockerfile or image`,
      ),
    );
  return decided ?? "node";
}
