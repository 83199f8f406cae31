import { z } from "zod";
import { isFields } from "../../input/fields.ts";
import { readOnce } from "../../repository/once.ts";
import { pathIn } from "../../repository/outline.ts";
import { unreadable } from "../decide.ts";
import { Undecided } from "../language.ts";

const words = z.record(z.string(), z.string()).catch({});

/** What counts of a package.json. What is of another kind than it should be counts as not there, as for npm. */
const schema = z.object({
  name: z.string().optional().catch(undefined),
  main: z.string().optional().catch(undefined),
  scripts: words,
  dependencies: words,
  devDependencies: words,
  optionalDependencies: words,
  workspaces: z
    .union([z.array(z.string()), z.object({ packages: z.array(z.string()) }).transform(({ packages }) => packages)])
    .catch([]),
  packageManager: z.string().optional().catch(undefined),
  engines: words,
  volta: words,
  jest: z.unknown().optional(),
  "lint-staged": z.record(z.string(), z.union([z.string(), z.array(z.string())]).catch([])).catch({}),
});

/** A package.json with the path it lies at. */
export type Manifest = z.output<typeof schema> & { readonly path: string };

/**
 * The package.json of a folder, if it has one.
 *
 * @throws Undecided when it is not JSON
 */
export const readManifest = readOnce((outline, folder): Manifest | undefined => {
  const path = pathIn(folder, "package.json");
  const text = outline.text(path);
  if (text === undefined) return undefined;
  return { ...schema.parse(readObject(text.replace(/^\uFEFF/, ""), path)), path };
});

function readObject(text: string, path: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(path, text, "JSON", error instanceof Error ? error.message : String(error));
  }
  if (isFields(value)) return value;
  throw new Undecided([{ what: `${path} is not a JSON object`, where: path, todo: `repair ${path}` }]);
}

/** Whether a package is among the dependencies, those for development included. */
export function dependsOn({ dependencies, devDependencies }: Manifest, name: string): boolean {
  return Object.hasOwn(dependencies, name) || Object.hasOwn(devDependencies, name);
}
