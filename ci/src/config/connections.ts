import type { Connections } from "../languages/language.ts";
import { kindOf } from "./backing-kind.ts";
import type { Scene } from "./scene.ts";

/**
 * The variables by which the framework of a service takes where the backing services are that it needs, as `env` has them. Of two
 * of one kind nobody knows which one is meant, so neither is told.
 */
export function connect(scene: Scene, { variables }: Connections, needs: readonly string[]): Record<string, string> {
  const backing = needs.filter((name) => !isService(scene, name)).map((name) => ({ name, kind: kindOf(scene, name) }));
  return Object.fromEntries(
    backing.flatMap(({ name, kind }) => {
      const isOnly = backing.filter((other) => other.kind === kind).length === 1;
      if (kind === "other" || !isOnly) return [];
      return Object.entries(variables[kind]).map(([variable, value]) => [
        variable,
        value.replaceAll(/\{it(?=[.}])/g, `{${name}`),
      ]);
    }),
  );
}

function isService({ file, found }: Scene, name: string): boolean {
  return file.services === undefined ? found.has(name) : Object.hasOwn(file.services, name);
}
