import { listPrograms, type Main, type Project } from "../languages/language.ts";
import { pathIn } from "../repository/outline.ts";
import { toName } from "./found-name.ts";
import type { FoundService, Scene } from "./scene.ts";
import { isService } from "./service-folders.ts";
import { BACKING_KINDS } from "./service-schema.ts";

/**
 * The services that are found: the folders with a Dockerfile, a port or something that starts, by their names. Where no
 * Dockerfile says what of several programs is started, each is a service.
 *
 * A name that cannot be used, that another folder has, or that belongs to a backing service makes room for a longer one.
 */
export function findServices(projects: readonly Project[], composed: Scene["composed"]): Map<string, FoundService> {
  const wanted = projects.filter(isService);
  const paths = [...new Set(wanted.map(({ path }) => path))];
  const reserved = new Set<string>([...BACKING_KINDS, ...composed.backing.keys()]);
  const found = new Map<string, FoundService>();
  const add = (names: readonly string[], service: FoundService) => {
    const free = names.find((one) => one !== "" && !found.has(one) && !reserved.has(one));
    if (free !== undefined) found.set(free, service);
  };
  for (const path of paths) {
    const here = wanted.filter((one) => one.path === path);
    const ofTop = toName(titleOf(here) ?? "app");
    const inside = (name: string) => toName(pathIn(path, name).replaceAll("/", "-"));
    const parts = listParts(here, paths);
    for (const { name, from, value: main } of parts) {
      const own = name === undefined ? ofTop : toName(name);
      add([own, inside(own), inside(toName(main.replaceAll("/", "-"))), toName(`${own}-app`)], {
        value: path,
        from,
        main,
      });
    }
    if (parts.length > 0 || isTopOfWorkspace(path, wanted)) continue;
    const ofCompose = composed.services.filter((one) => one.path === path);
    if (ofCompose.length > 1 && here.some((one) => one.language === "dockerfile")) {
      for (const one of ofCompose)
        add([one.name], { value: path, from: `${composed.path?.value} services.${one.name}` });
      continue;
    }
    const own = ofCompose.length === 1 ? ofCompose[0]?.name : undefined;
    const name =
      own ?? nameOf(path) ?? toName(titleOf(here) ?? titleOf(projects.filter((one) => one.path === ".")) ?? "app");
    const names = [name, toName(path.replaceAll("/", "-")), toName(`${name}-app`), "app"];
    add(names, { value: path, from: here.map(tellWhy).join(", ") });
  }
  return found;
}

/** The programs of a folder that are services of their own: those that no Dockerfile makes an image of. */
function listParts(here: readonly Project[], paths: readonly string[]): Main[] {
  if (here.some(({ language, lacks }) => language === "dockerfile" && lacks === undefined)) return [];
  const [project] = here.filter(({ language }) => language === "go");
  const programs = listPrograms(project?.mains ?? []);
  const isElsewhere = ({ value }: Main) => value !== "." && paths.includes(folderOf(project?.path ?? ".", value));
  const left = programs.filter((main) => !isElsewhere(main));
  return programs.length > 1 ? left : [];
}

/** `./cmd/api` of a module in `shop` → `shop/cmd/api` */
export function folderOf(path: string, main: string): string {
  return main === "." ? path : pathIn(path, main.replace(/^\.\//, ""));
}

/** The top of a workspace starts its members. */
function isTopOfWorkspace(path: string, wanted: readonly Project[]): boolean {
  return (
    path === "." &&
    wanted.some((one) => one.path !== "." && one.root === ".") &&
    !wanted.some((one) => one.path === "." && one.language === "dockerfile")
  );
}

/** Folders that are called after what is done there, and not after what lies there. */
const GENERIC = /^(?:src|app|docker|dockerfiles?|build|containers?|images?|deploy|deployment)$/;

/** `services/cart/src` → `cart`; undefined when no part of the path says what lies there. */
function nameOf(path: string): string | undefined {
  const part = path.split("/").findLast((one) => one !== "." && !GENERIC.test(one));
  return part === undefined ? undefined : toName(part);
}

/** What projects call themselves. */
function titleOf(projects: readonly Project[]): string | undefined {
  return projects.find((one) => one.name !== undefined)?.name?.value;
}

function tellWhy({ language, port, mains, manager }: Project): string {
  return language === "dockerfile" ? manager.from : (port?.from ?? listPrograms(mains)[0]?.from ?? manager.from);
}
