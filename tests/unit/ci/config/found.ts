import { readSettings } from "../../../../ci/src/config/read-settings.ts";
import type { Detected } from "../../../../ci/src/config/scene.ts";
import type { Settings } from "../../../../ci/src/config/settings.ts";
import type { Found, LanguageName, Project } from "../../../../ci/src/languages/language.ts";
import { type Outline, outlineOf, pathIn } from "../../../../ci/src/repository/outline.ts";

const MARKS: Readonly<Record<string, LanguageName>> = {
  "package.json": "node",
  "pyproject.toml": "python",
  "go.mod": "go",
  Dockerfile: "dockerfile",
};

/**
 * Finds projects as a test needs them: a folder with package.json and the like is one. Scripts of package.json are its
 * commands, its `port` is its port, and two lock files are a question.
 */
export function detect(outline: Outline): Detected {
  const undecided = new Map<string, { what: string; where: string; todo: string }[]>();
  const projects = outline.paths.flatMap((path) => {
    const name = path.split("/").at(-1) ?? "";
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
    const language = MARKS[name];
    if (language === undefined) return [];
    if (
      outline.paths.includes(pathIn(folder, "yarn.lock")) &&
      outline.paths.includes(pathIn(folder, "pnpm-lock.yaml"))
    ) {
      undecided.set(folder, [{ what: "two lock files", where: folder, todo: "take one away" }]);
      return [];
    }
    return [makeProject(outline, language, path, folder)];
  });
  return { projects, undecided };
}

function makeProject(outline: Outline, language: LanguageName, path: string, folder: string): Project {
  const from = (value: string, part: string): Found<string> => ({ value, from: `${path}${part}` });
  const manifest = language === "node" ? JSON.parse(outline.text(path) ?? "{}") : {};
  const scripts: Record<string, string> = manifest.scripts ?? {};
  const command = (name: string, script: string) =>
    scripts[script] === undefined
      ? {}
      : { [name]: [{ value: ["npm", "run", script], from: `${path} scripts.${script}` }] };
  const exposed = language === "dockerfile" ? /EXPOSE (\d+)/.exec(outline.text(path) ?? "")?.[1] : manifest.port;
  return {
    language,
    path: folder,
    root: folder !== "." && outline.text("package.json")?.includes("workspaces") ? "." : folder,
    ...(manifest.name === undefined ? {} : { name: from(manifest.name, " name") }),
    manager: from(language, ""),
    version: from("1", ""),
    image: from(`${language}:1`, ""),
    packages: { include: [path], exclude: [] },
    reads: { include: [pathIn(folder, "**")], exclude: ["**/node_modules"] },
    commands: { ...command("lint", "lint"), ...command("unit", "test"), ...command("integration", "integration") },
    install: [],
    production: [],
    setup: [],
    mains: scripts["start"] === undefined ? [] : [from(scripts["start"], " scripts.start")],
    remarks: [],
    ...(exposed === undefined
      ? {}
      : { port: { value: Number(exposed), from: language === "node" ? `${path} port` : `${path} EXPOSE` } }),
  };
}

/** What is found in a repository of these files, with what slipway.yaml says if there is one. */
export function settingsOf(files: Readonly<Record<string, string | undefined>>, text?: string): Settings {
  return readSettings(text, outlineOf(text === undefined ? files : { ...files, "slipway.yaml": text }), detect);
}

/** Why there are no settings of such a repository. */
export function refusalOf(files: Readonly<Record<string, string | undefined>>, text?: string): string {
  try {
    settingsOf(files, text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "no problem";
}
