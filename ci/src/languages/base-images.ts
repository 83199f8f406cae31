import { listFolder, type Outline, pathIn } from "../repository/outline.ts";
import { baseOf } from "./dockerfile/exposed.ts";
import { DOCKERFILE, readDockerfile } from "./dockerfile/instructions.ts";
import type { Found } from "./language.ts";

/** Folders beside the sources in which people keep the Dockerfile of a project. */
const FOLDERS = [".", "docker", ".docker", "deploy", "build", "ops", "infra"];

/**
 * The version of a language that a project's Dockerfiles start from. When they say several, the one of the plain
 * `Dockerfile` counts if it says one; else none does.
 *
 * @param read the version in the name of an image; undefined when it has none
 */
export function findBaseVersion(
  outline: Outline,
  folders: readonly string[],
  read: (image: string) => string | undefined,
): Found<string> | undefined {
  const found = folders
    .flatMap((folder) => FOLDERS.map((one) => (one === "." ? folder : pathIn(folder, one))))
    .flatMap((folder) =>
      listFolder(outline, folder)
        .filter((name) => DOCKERFILE.test(name) && outline.told.has(pathIn(folder, name)))
        .map((name) => pathIn(folder, name)),
    )
    .flatMap((path) =>
      listBases(outline, path).flatMap((image) => {
        const value = read(image);
        return value === undefined ? [] : [{ value, from: `${path} FROM` }];
      }),
    );
  return theOne(found.filter(({ from }) => /(?:^|\/)Dockerfile FROM$/.test(from))) ?? theOne(found);
}

function theOne(found: readonly Found<string>[]): Found<string> | undefined {
  const [first] = found;
  return found.every(({ value }) => value === first?.value) ? first : undefined;
}

/** The images that the stages of a Dockerfile stand on. */
function listBases(outline: Outline, path: string): string[] {
  return readDockerfile(outline, path)
    .filter(({ name }) => name === "FROM")
    .map(baseOf);
}
