import { dirname, normalize } from "node:path/posix";
import { elementsAt, readXml, textAt, type XmlElement, XmlError } from "../../input/xml.ts";
import { readOnce } from "../../repository/once.ts";
import { hasFile, type Outline, pathIn } from "../../repository/outline.ts";
import { unreadable } from "../decide.ts";
import type { Found } from "../language.ts";

/** A pom.xml with those of its parents that lie in the repository, the nearest first. */
export interface Pom {
  readonly path: string;
  readonly lineage: readonly { readonly path: string; readonly project: XmlElement }[];
}

/**
 * @throws Undecided when one of the files is no XML
 */
export function readPom(outline: Outline, folder: string): Pom | undefined {
  const path = pathIn(folder, "pom.xml");
  if (!hasFile(outline, path)) return undefined;
  const lineage: { path: string; project: XmlElement }[] = [];
  let next: string | undefined = path;
  while (next !== undefined && hasFile(outline, next) && !lineage.some((one) => one.path === next)) {
    const project = readProject(outline, next);
    lineage.push({ path: next, project });
    next = parentOf(next, project);
  }
  return { path, lineage };
}

const readProject = readOnce((outline, path): XmlElement => {
  const text = outline.text(path) ?? "";
  try {
    return readXml(text);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw unreadable(path, text, "XML", error.message);
  }
});

/** The parent's file: `relativePath`, which is ../pom.xml when it is not there and nothing when it is empty. */
function parentOf(path: string, project: XmlElement): string | undefined {
  const [parent] = elementsAt(project, "parent");
  if (parent === undefined) return undefined;
  const relative = textAt(parent, "relativePath") ?? "../pom.xml";
  if (relative === "") return undefined;
  const target = normalize(pathIn(dirname(path), relative));
  return target.endsWith(".xml") ? target : pathIn(target, "pom.xml");
}

/** A property by its name, through the parents in the repository; references to other properties are followed. */
export function propertyOf({ lineage }: Pom, name: string, depth = 0): Found<string> | undefined {
  const found = lineage.flatMap(({ path, project }) => {
    const value = textAt(project, `properties/${name}`);
    return value === undefined ? [] : [{ value, from: `${path} ${name}` }];
  })[0];
  return found === undefined ? undefined : resolve({ path: "", lineage }, found, depth);
}

function resolve(pom: Pom, found: Found<string>, depth: number): Found<string> | undefined {
  const name = /^\$\{(.+)\}$/.exec(found.value)?.[1];
  if (name === undefined || depth > 5) return found;
  return propertyOf(pom, name, depth + 1);
}

/** The plugins that are really in the build, not only managed, by their artifact, each with its configuration. */
export function pluginsOf({ lineage }: Pom): ReadonlyMap<string, XmlElement> {
  const plugins = lineage.flatMap(({ project }) => elementsAt(project, "build/plugins/plugin"));
  return new Map(plugins.toReversed().map((plugin) => [textAt(plugin, "artifactId") ?? "", plugin]));
}

/** What a file says of a plugin: in the build itself, then where it is managed. */
function elementsOf(project: XmlElement, plugin: string): XmlElement[] {
  return ["build/plugins/plugin", "build/pluginManagement/plugins/plugin"]
    .flatMap((where) => elementsAt(project, where))
    .filter((one) => textAt(one, "artifactId") === plugin);
}

/** How a build runs a plugin: once for each of these. */
export interface Execution {
  /** `default` when it has no name. */
  readonly id: string;
  readonly phase: string | undefined;
  readonly goals: readonly string[];
}

/** The executions of a plugin, also those that are managed for it. Of one name the nearest counts. */
export function listExecutions({ lineage }: Pom, plugin: string): Execution[] {
  const all = lineage
    .flatMap(({ project }) => elementsOf(project, plugin))
    .flatMap((one) => elementsAt(one, "executions/execution"));
  const executions = all.map(
    (one): Execution => ({
      id: textAt(one, "id") ?? "default",
      phase: textAt(one, "phase"),
      goals: elementsAt(one, "goals/goal").map(({ text }) => text),
    }),
  );
  return executions.filter(({ id }, place) => executions.findIndex((one) => one.id === id) === place);
}

/** The artifacts that a module depends on by itself or by its parents in the repository, but for those of its tests. */
export function listDependencies({ lineage }: Pom): string[] {
  return lineage
    .flatMap(({ project }) => elementsAt(project, "dependencies/dependency"))
    .filter((dependency) => textAt(dependency, "scope") !== "test")
    .map((dependency) => textAt(dependency, "artifactId") ?? "");
}

/** The major release of Spring Boot that the parent of a project, or a parent's parent, is of. */
export function findBootRelease(pom: Pom): number | undefined {
  const parents = pom.lineage.flatMap(({ project }) => elementsAt(project, "parent"));
  const starter = parents.find((parent) => textAt(parent, "artifactId") === "spring-boot-starter-parent");
  const said =
    (starter === undefined ? undefined : textAt(starter, "version")) ?? propertyOf(pom, "spring-boot.version")?.value;
  const major = Number(/^\d+/.exec(said ?? "")?.[0]);
  return Number.isNaN(major) ? undefined : major;
}

/** What a plugin is configured to, by a path below `configuration`; properties are followed. */
export function configurationOf(pom: Pom, plugin: string, path: string): Found<string> | undefined {
  for (const { path: from, project } of pom.lineage) {
    const value = elementsOf(project, plugin)
      .flatMap((one) => [one, ...elementsAt(one, "executions/execution")])
      .map((one) => textAt(one, `configuration/${path}`))
      .find((text) => text !== undefined && text !== "");
    if (value !== undefined) return resolve(pom, { value, from: `${from} ${plugin}` }, 0);
  }
  return undefined;
}

/** The folders of the modules of a pom.xml, from the top of the repository, with those of their modules. */
export function listModules(outline: Outline, folder: string): string[] {
  const found = new Set<string>();
  const follow = (parent: string) => {
    const path = pathIn(parent, "pom.xml");
    if (!hasFile(outline, path)) return;
    for (const { text } of elementsAt(readProject(outline, path), "modules/module")) {
      const target = normalize(pathIn(parent, text.endsWith(".xml") ? dirname(text) : text));
      if (found.has(target)) continue;
      found.add(target);
      follow(target);
    }
  };
  follow(folder);
  return [...found];
}
