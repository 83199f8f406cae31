import { ownValue } from "../input/names.ts";
import { about, type Problem } from "../input/problems.ts";
import { type Fields, fieldsOfBacking, fieldsOfService, fillReferences } from "./references.ts";
import type { Settings } from "./settings.ts";

type Providers = Pick<Settings, "services" | "backing">;

/** Who has needs and variables of its own: a service or a check. */
interface Consumer {
  readonly needs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The variables that a service or a check is given: what it needs tells where it is, and what it says itself counts
 * more. Everything between braces is filled in: names are host names by which its container is bound to them.
 */
export function environmentOf({ needs, env }: Consumer, providers: Providers): Record<string, string> {
  const told = needs.map((name) => findProvider(name, providers)?.tell ?? {});
  const all: Record<string, string> = Object.assign({}, ...told, env);
  return Object.fromEntries(
    Object.entries(all).map(([variable, value]) => [
      variable,
      fillReferences(value, (name) => fieldsOf(name, providers)),
    ]),
  );
}

/** Where two of the things that something needs tell it the same variable, and it says nothing of its own. */
export function listTwiceTold(
  section: string,
  consumers: Readonly<Record<string, Consumer>>,
  providers: Providers,
): Problem[] {
  return Object.entries(consumers).flatMap(([name, { needs, env }]) => {
    const owners = new Map<string, string>();
    return needs.flatMap((needed) =>
      Object.keys(findProvider(needed, providers)?.tell ?? {}).flatMap((variable) => {
        const other = owners.get(variable);
        owners.set(variable, needed);
        if (other === undefined || variable in env) return [];
        const text = `${other} and ${needed} both set ${variable}: choose one in env, or rename one of them with tell`;
        return [about([section, name, "needs"], text)];
      }),
    );
  });
}

function findProvider(name: string, { services, backing }: Providers): { readonly tell: Fields } | undefined {
  return ownValue(services, name) ?? ownValue(backing, name);
}

function fieldsOf(name: string, { services, backing }: Providers): Fields {
  const service = ownValue(services, name);
  if (service !== undefined) return fieldsOfService(name, service);
  const one = ownValue(backing, name);
  return one === undefined ? {} : fieldsOfBacking(name, one);
}
