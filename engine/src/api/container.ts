import { posix } from "node:path";
import { parseGoDuration } from "../go-texts/duration.ts";
import { cleanPath } from "../store/paths.ts";
import { EMPTY } from "../store/snapshot.ts";
import { flag, object, text, texts } from "./arguments.ts";
import { envVariablesOf } from "./env-file.ts";
import { ApiError, unsupported } from "./errors.ts";
import { expandVariables } from "./expand.ts";
import { readsValue } from "./field-kinds.ts";
import type { Args, Field, Fields, Graph, Obj } from "./graph.ts";
import { imageHealthcheck, toldHealthcheck } from "./healthcheck.ts";
import { HOST_PLATFORM } from "./platform.ts";
import type { ContainerValue, PortValue } from "./values.ts";

/** A container of nothing. */
export const EMPTY_CONTAINER: ContainerValue = {
  platform: HOST_PLATFORM,
  rootfs: EMPTY,
  env: new Map(),
  volatileEnv: new Map(),
  secretEnv: new Map(),
  labels: new Map(),
  annotations: new Map(),
  workdir: "",
  user: "",
  entrypoint: [],
  defaultArgs: [],
  ports: [],
  mounts: [],
  sockets: [],
  services: [],
  registryAuth: [],
  imageConfig: {},
  last: undefined,
};

/** A field that gives another container, from the value of this one. */
export function changes(
  change: (container: ContainerValue, args: Args, graph: Graph) => ContainerValue | Promise<ContainerValue>,
): Field {
  return { run: async (self, args, graph) => change(await self.value<ContainerValue>(), args, graph) };
}

/** A field that is read from the value. */
export const reads = readsValue<ContainerValue>;

/** An absolute clean path; a relative one starts at the working directory. */
export function absolutePath(container: ContainerValue, path: string): string {
  return cleanPath(posix.resolve("/", container.workdir, path));
}

/** A path argument, with variables put in when the call says `expand`. */
export function pathArgument(container: ContainerValue, args: Args, name = "path"): string {
  return absolutePath(container, expandArgument(container, args, text(args[name])));
}

/** @throws ApiError for a variable whose value must not become part of an argument */
export function expandArgument(container: ContainerValue, args: Args, value: string): string {
  if (!flag(args["expand"])) return value;
  let hidden: string | undefined;
  const expanded = expandVariables(value, (name) => {
    if (container.secretEnv.has(name)) hidden = `secret env variable ${JSON.stringify(name)}`;
    else if (container.volatileEnv.has(name)) hidden = `volatile env variable ${JSON.stringify(name)}`;
    return container.env.get(name);
  });
  if (hidden !== undefined) throw new ApiError(`expand cannot be used with ${hidden}`);
  return expanded;
}

/**
 * A variable is kept as `NAME=VALUE`, and its name read from there: it ends at the first `=`.
 *
 * @throws ApiError when another variable has the name then: the real engine keeps both
 */
function withVariable(env: ReadonlyMap<string, string>, given: string, value: string): ReadonlyMap<string, string> {
  const end = given.indexOf("=");
  if (end < 0) return withEntry(env, given, value);
  const name = given.slice(0, end);
  if (env.has(name)) throw unsupported(`a second value of the variable ${JSON.stringify(name)} beside the first one`);
  return withEntry(env, name, `${given.slice(end + 1)}=${value}`);
}

function withEntry<V>(map: ReadonlyMap<string, V>, name: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(name, value);
}

function withoutEntry<V>(map: ReadonlyMap<string, V>, name: string): ReadonlyMap<string, V> {
  const copy = new Map(map);
  copy.delete(name);
  return copy;
}

function withPort(ports: readonly PortValue[], port: PortValue): readonly PortValue[] {
  const isNew = !ports.some((other) => samePort(other, port));
  return isNew ? [...ports, port] : ports.map((other) => (samePort(other, port) ? port : other));
}

function samePort(a: Pick<PortValue, "port" | "protocol">, b: Pick<PortValue, "port" | "protocol">): boolean {
  return a.port === b.port && a.protocol === b.protocol;
}

function named(map: ReadonlyMap<string, string>): readonly { name: string; value: string }[] {
  return [...map].map(([name, value]) => ({ name, value }));
}

const namedValue = {
  name: { run: async (self: Obj) => (await self.value<{ name: string }>()).name },
  value: { run: async (self: Obj) => (await self.value<{ value: string }>()).value },
};

/** Configuration of containers: variables, user, working directory, command, ports, labels. */
export const containerFields: Fields = {
  Query: {
    container: {
      run: (_self, args): ContainerValue =>
        args["platform"] === undefined ? EMPTY_CONTAINER : { ...EMPTY_CONTAINER, platform: text(args["platform"]) },
    },
    defaultPlatform: { run: () => HOST_PLATFORM },
  },
  Container: {
    sync: {
      run: async (self) => {
        await self.value();
        return await self.id();
      },
    },
    withError: {
      run: async (self, args) => {
        failWith(text(args["err"]));
        return await self.value();
      },
      check: async (_self, args) => failWith(text(args["err"])),
    },

    platform: reads((c) => c.platform),

    withEnvVariable: changes((c, args) => ({
      ...c,
      env: withVariable(c.env, text(args["name"]), expandArgument(c, args, text(args["value"]))),
    })),
    withEnvFileVariables: changes(async (c, args, graph) => {
      const variables = await envVariablesOf(object(args["source"]), graph);
      return { ...c, env: new Map([...c.env, ...variables.map(({ name, value }) => [name, value] as const)]) };
    }),
    withoutEnvVariable: changes((c, args) => ({ ...c, env: withoutEntry(c.env, text(args["name"])) })),
    envVariable: reads((c, args) => c.env.get(text(args["name"])) ?? null),
    envVariables: reads((c) => named(c.env)),
    withVolatileVariable: {
      ...changes((c, args) => ({
        ...c,
        volatileEnv: withVariable(c.volatileEnv, text(args["name"]), text(args["value"])),
      })),
      keyArgs: (args) => ({ name: args["name"] }),
    },
    withoutVolatileVariable: changes((c, args) => ({
      ...c,
      volatileEnv: withoutEntry(c.volatileEnv, text(args["name"])),
    })),
    withSecretVariable: changes((c, args) => ({
      ...c,
      secretEnv: withEntry(c.secretEnv, text(args["name"]), object(args["secret"])),
    })),
    withoutSecretVariable: changes((c, args) => ({ ...c, secretEnv: withoutEntry(c.secretEnv, text(args["name"])) })),

    withLabel: changes((c, args) => ({ ...c, labels: withEntry(c.labels, text(args["name"]), text(args["value"])) })),
    withoutLabel: changes((c, args) => ({ ...c, labels: withoutEntry(c.labels, text(args["name"])) })),
    label: reads((c, args) => c.labels.get(text(args["name"])) ?? null),
    labels: reads((c) => named(c.labels)),
    withAnnotation: changes((c, args) => ({
      ...c,
      annotations: withEntry(c.annotations, text(args["name"]), text(args["value"])),
    })),
    withoutAnnotation: changes((c, args) => ({ ...c, annotations: withoutEntry(c.annotations, text(args["name"])) })),

    withWorkdir: changes((c, args) => {
      const path = expandArgument(c, args, text(args["path"]));
      return { ...c, workdir: path.startsWith("/") ? path : absolutePath(c, path) };
    }),
    withoutWorkdir: changes((c) => ({ ...c, workdir: "" })),
    workdir: reads((c) => c.workdir),
    withUser: changes((c, args) => ({ ...c, user: text(args["name"]) })),
    withoutUser: changes((c) => ({ ...c, user: "" })),
    user: reads((c) => c.user),

    withEntrypoint: changes((c, args) => ({
      ...c,
      entrypoint: texts(args["args"]),
      defaultArgs: flag(args["keepDefaultArgs"]) ? c.defaultArgs : [],
    })),
    withoutEntrypoint: changes((c, args) => ({
      ...c,
      entrypoint: [],
      defaultArgs: flag(args["keepDefaultArgs"]) ? c.defaultArgs : [],
    })),
    entrypoint: reads((c) => c.entrypoint),
    withDefaultArgs: changes((c, args) => ({ ...c, defaultArgs: texts(args["args"]) })),
    withoutDefaultArgs: changes((c) => ({ ...c, defaultArgs: [] })),
    defaultArgs: reads((c) => c.defaultArgs),

    withExposedPort: changes((c, args) => ({
      ...c,
      ports: withPort(c.ports, {
        port: args["port"] as number,
        protocol: text(args["protocol"], "TCP") as "TCP" | "UDP",
        description: args["description"] as string | undefined,
        experimentalSkipHealthcheck: flag(args["experimentalSkipHealthcheck"]),
      }),
    })),
    withoutExposedPort: changes((c, args) => {
      const gone = { port: args["port"] as number, protocol: text(args["protocol"], "TCP") as "TCP" | "UDP" };
      return { ...c, ports: c.ports.filter((port) => !samePort(port, gone)) };
    }),
    exposedPorts: reads((c) => c.ports),

    withServiceBinding: changes((c, args) => ({
      ...c,
      services: [...c.services, { alias: text(args["alias"]), service: object(args["service"]) }],
    })),

    withRegistryAuth: changes((c, args) => {
      const address = text(args["address"]);
      const others = c.registryAuth.filter((auth) => auth.address !== address);
      const added = { address, username: text(args["username"]), secret: object(args["secret"]) };
      return { ...c, registryAuth: [...others, added] };
    }),
    withoutRegistryAuth: changes((c, args) => ({
      ...c,
      registryAuth: c.registryAuth.filter((auth) => auth.address !== text(args["address"])),
    })),

    withDockerHealthcheck: changes((c, args) => {
      const count = texts(args["args"]).length;
      if (flag(args["shell"]) && count !== 1) {
        throw new ApiError("WithHealthcheck args must be a single element when shell mode is set");
      }
      if (count === 0) throw new ApiError("WithHealthcheck args is missing");
      const healthcheck = imageHealthcheck({
        test: [flag(args["shell"]) ? "CMD-SHELL" : "CMD", ...texts(args["args"])],
        interval: duration(args["interval"]),
        timeout: duration(args["timeout"]),
        startPeriod: duration(args["startPeriod"]),
        startInterval: duration(args["startInterval"]),
        retries: (args["retries"] as number | undefined) ?? 0,
      });
      return { ...c, imageConfig: { ...c.imageConfig, Healthcheck: healthcheck } };
    }),
    withoutDockerHealthcheck: changes((c) => {
      const { Healthcheck: _gone, ...imageConfig } = c.imageConfig;
      return { ...c, imageConfig };
    }),
    dockerHealthcheck: { ...reads((c) => toldHealthcheck(c.imageConfig)), eager: true },
  },
  EnvVariable: namedValue,
  Label: namedValue,
  Port: {
    port: { run: async (self) => (await self.value<PortValue>()).port },
    protocol: { run: async (self) => (await self.value<PortValue>()).protocol },
    description: { run: async (self) => (await self.value<PortValue>()).description ?? null },
    experimentalSkipHealthcheck: {
      run: async (self) => (await self.value<PortValue>()).experimentalSkipHealthcheck,
    },
  },
  HealthcheckConfig: Object.fromEntries(
    ["args", "shell", "interval", "timeout", "startPeriod", "startInterval", "retries"].map((name) => [
      name,
      { run: async (self: Obj) => (await self.value<Record<string, unknown>>())[name] },
    ]),
  ),
};

function duration(given: unknown): number {
  return given === undefined ? 0 : parseGoDuration(text(given));
}

function failWith(message: string): void {
  if (message !== "") throw new ApiError(message);
}
