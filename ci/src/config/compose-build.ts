import { dirname } from "node:path/posix";
import { entries, type Fields, fields } from "../input/fields.ts";

/** How a compose file builds a service, and what it starts there. */
export interface ComposedBuild {
  /** The folder that the Dockerfile copies from, from the top of the repository. */
  readonly context: string;
  /** The Dockerfile from the top; undefined when the file names none. */
  readonly dockerfile?: string;
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
  /** In place of the entrypoint of the image, whose command is gone with it. */
  readonly entrypoint?: readonly string[];
  /** In place of the command of the image; its entrypoint stays. */
  readonly command?: readonly string[];
}

/** The words of a command: a list, or a line as compose splits it. One that only a shell can run is left to one. */
export function readCommand(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return entries(value).map(String);
  if (typeof value !== "string" || value.trim() === "") return undefined;
  if (/[|&;<>`$(]/.test(value)) return ["/bin/sh", "-c", value];
  return [...value.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
}

/** The folder that a service of a compose file lies in: that of its Dockerfile, else the one that is copied from. */
export function folderOf({ context, dockerfile }: ComposedBuild): string {
  return dockerfile === undefined ? context : dirname(dockerfile);
}

/** The build of a service in a compose file as its fields are. */
export function buildFields(build: unknown): Fields {
  return typeof build === "string" ? { context: build } : fields(build);
}
