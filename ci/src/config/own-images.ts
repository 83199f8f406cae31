import type { Project } from "../languages/language.ts";
import type { Composed, ComposedBacking, ComposedService } from "./compose.ts";
import { toName } from "./found-name.ts";

/**
 * A compose file without the images that this repository makes itself, in a step before: `shop/orders:1.0` beside a folder
 * `orders` is a service of the product, and no backing service.
 *
 * @param projects that may be services
 */
export function adoptOwnImages(composed: Composed, projects: readonly Project[]): Composed {
  const own = [...composed.backing].flatMap(([name, backing]): ComposedService[] => {
    const path = pathOf(backing, projects);
    const { needs = [], env, port } = backing;
    return path === undefined
      ? []
      : [{ name, path, build: { context: path, args: {} }, needs, env, ...(port === undefined ? {} : { port }) }];
  });
  if (own.length === 0) return composed;
  const names = new Set(own.map(({ name }) => name));
  return {
    ...composed,
    backing: new Map([...composed.backing].filter(([name]) => !names.has(name))),
    services: [...composed.services, ...own],
  };
}

function pathOf({ kind, image }: ComposedBacking, projects: readonly Project[]): string | undefined {
  if (kind !== "other" || image === undefined) return undefined;
  const called = toName(image.replace(/@.*$/, "").replace(/:[^/:]*$/, ""));
  const makers = projects.filter(
    ({ path, name }) => toName(path) === called || (name !== undefined && toName(name.value) === called),
  );
  const [only, ...others] = new Set(makers.map(({ path }) => path));
  return called === "" || others.length > 0 ? undefined : only;
}
