import type { Container } from "@dagger.io/dagger";
import { dockerfile } from "./dockerfile/dockerfile.ts";
import { go } from "./go/go.ts";
import { java } from "./java/java.ts";
import type { Files, Language, LanguageName, Project } from "./language.ts";
import { node } from "./node/node.ts";
import { addSources } from "./prepare.ts";
import { python } from "./python/python.ts";

/** Every language that Slipway knows. */
export const languages: Readonly<Record<LanguageName, Language>> = { node, python, go, java, dockerfile };

/** A project with its dependencies and sources, in its folder: what its commands run in. */
export function prepareProject(project: Project, files: Files): Container {
  return addSources(languages[project.language].install(project, files), project, files);
}
