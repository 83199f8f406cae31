import type { Image, ImageConfig, RegistryCredentials } from "../image/image.ts";
import type { ImageContent, WriteOptions } from "../image/images.ts";
import { parseReference } from "../image/reference.ts";
import type { Endpoint } from "../image/registry/endpoint.ts";
import { isInsideHost } from "../store/destinations.ts";
import { writeHostFile } from "../store/export.ts";
import { EMPTY } from "../store/snapshot.ts";
import { digestOf } from "../store/store.ts";
import { object, text } from "./arguments.ts";
import { expandArgument } from "./container.ts";
import { ApiError, unsupported } from "./errors.ts";
import type { Args, Fields, Graph, Obj, Pin } from "./graph.ts";
import { readPlaintext } from "./secret.ts";
import { withServiceAddress } from "./service-address.ts";
import type { ServiceValue } from "./service-value.ts";
import { engineSteps, hostPlace, sessionOf } from "./session.ts";
import { placeIn } from "./trees.ts";
import type { ContainerValue, FileValue, PortValue } from "./values.ts";

/** Images: where containers come from and where they go. */
export const containerImageFields: Fields = {
  Container: {
    from: {
      run: async (self, args, graph): Promise<ContainerValue> => {
        const container = await self.value<ContainerValue>();
        return fromImage(container, await loadImage(graph, container, args));
      },
      pin: async (self, args, graph): Promise<Pin> => {
        const container = await self.value<ContainerValue>();
        const session = sessionOf(graph);
        const credentials = await credentialsOf(container);
        const address = text(args["address"]);
        const endpoint = await endpointOf(graph, args);
        const { ref, digest } = await session.images.resolve(address, container.platform, credentials, endpoint);
        return { key: digestOf(["from", await self.key(), ref, digest, container.platform]), data: { ref } };
      },
    },
    imageRef: { run: (self) => imageRefOf(self) },
    publish: {
      run: async (self, args, graph) => {
        const container = await self.value<ContainerValue>();
        const images = await contentsOf(container, args);
        const credentials = await credentialsOf(container);
        const { images: registries } = sessionOf(graph);
        const endpoint = await endpointOf(graph, args);
        return await registries.publish(text(args["address"]), images, credentials, writeOptions(args), endpoint);
      },
    },
    asTarball: {
      run: async (self, args, graph): Promise<FileValue> => {
        const { store, images } = sessionOf(graph);
        const contents = await contentsOf(await self.value<ContainerValue>(), args);
        const snapshot = await store.once(["asTarball", contents, writeOptions(args)], () =>
          store.change(EMPTY, (root) => images.writeArchive(`${root}/${ARCHIVE}`, contents, writeOptions(args))),
        );
        return { snapshot, path: `/${ARCHIVE}` };
      },
    },
    export: {
      run: async (self, args, graph) => {
        const container = await self.value<ContainerValue>();
        const destination = hostPlace(sessionOf(graph), expandArgument(container, args, text(args["path"])));
        const contents = await contentsOf(container, args);
        const { images } = sessionOf(graph);
        await writeHostFile(destination, { mode: ARCHIVE_MODE }, (to) =>
          images.writeArchive(to, contents, writeOptions(args)),
        );
        return destination.path;
      },
    },
    import: {
      run: async (self, args, graph): Promise<ContainerValue> => {
        const { images } = sessionOf(graph);
        const container = await self.value<ContainerValue>();
        const archive = await object(args["source"]).value<FileValue>();
        const path = await placeIn(graph, archive, "");
        return fromImage(container, await images.readArchive(path, container.platform, text(args["tag"])));
      },
    },
  },
};

const ARCHIVE = "container.tar";

/** An image may hold what only its maker should see. */
const ARCHIVE_MODE = 0o600;

const COMPRESSIONS: Readonly<Record<string, "gzip" | "zstd" | "none">> = {
  Gzip: "gzip",
  GZIP: "gzip",
  Zstd: "zstd",
  ZSTD: "zstd",
  Uncompressed: "none",
  UNCOMPRESSED: "none",
};

function writeOptions(args: Args): WriteOptions {
  const forced = args["forcedCompression"];
  const compression = forced === undefined ? undefined : COMPRESSIONS[text(forced)];
  if (forced !== undefined && compression === undefined) throw unsupported(`the compression ${text(forced)}`);
  const docker = /docker/i.test(text(args["mediaTypes"]));
  return { ...(compression === undefined ? {} : { compression }), ...(docker ? { mediaTypes: "docker" } : {}) };
}

/** The images of this container and its variants; a container without files or configuration is none. */
async function contentsOf(container: ContainerValue, args: Args): Promise<readonly ImageContent[]> {
  const variants = (args["platformVariants"] ?? []) as readonly Obj[];
  const others = await Promise.all(variants.map((variant) => variant.value<ContainerValue>()));
  return [container, ...others].filter((each) => each.rootfs.layers.length > 0).map(contentOf);
}

function contentOf(container: ContainerValue): ImageContent {
  const { platform, rootfs, annotations } = container;
  return { platform, snapshot: rootfs, config: configOf(container), annotations: Object.fromEntries(annotations) };
}

/** The configuration that the container has now; secrets, mounts and services are no part of it. */
function configOf(container: ContainerValue): ImageConfig {
  const { imageConfig, env, entrypoint, defaultArgs, workdir, user, labels, ports } = container;
  const set = <K extends keyof ImageConfig>(name: K, value: ImageConfig[K], empty: boolean) =>
    empty ? {} : { [name]: value };
  return {
    ...set("User", user, user === ""),
    ...set("ExposedPorts", portEntries(ports), ports.length === 0),
    ...set(
      "Env",
      [...env].map(([name, value]) => `${name}=${value}`),
      env.size === 0,
    ),
    ...set("Entrypoint", entrypoint, entrypoint.length === 0),
    ...set("Cmd", defaultArgs, defaultArgs.length === 0),
    ...set("WorkingDir", workdir, workdir === ""),
    ...set("Labels", Object.fromEntries(labels), labels.size === 0),
    ...kept(imageConfig),
  };
}

/** What no call changes is as the image or the Dockerfile had it. */
function kept(config: ImageConfig): ImageConfig {
  const names = ["StopSignal", "Healthcheck", "Volumes", "OnBuild", "Shell"] as const;
  return Object.fromEntries(names.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]])));
}

function portEntries(ports: readonly PortValue[]): Record<string, Record<string, never>> {
  return Object.fromEntries(ports.map((port) => [`${port.port}/${port.protocol.toLowerCase()}`, {}]));
}

/** What leaves a container the image that it was made from: the reference is known until an exec has run. */
const KEEPS_IMAGE = new Set(["withExec", "withDefaultTerminalCmd", "withRegistryAuth", "withoutRegistryAuth"]);

/** The reference of the image that a chain began with. Nothing is run for it. */
async function imageRefOf(self: Obj): Promise<string> {
  let at = self;
  while (at.call !== undefined && KEEPS_IMAGE.has(at.call.field)) at = at.call.parent;
  const pinned =
    at.call?.field === "from" ? ((await at.pin())?.data as { readonly ref: string } | undefined) : undefined;
  if (pinned !== undefined) return pinned.ref;
  throw new ApiError(
    "Image reference can only be retrieved immediately after the 'Container.From' call. Error in fetching imageRef as the container image is changed",
  );
}

/** The credentials of all registries that the container knows. */
async function credentialsOf(container: ContainerValue): Promise<readonly RegistryCredentials[]> {
  return await Promise.all(
    container.registryAuth.map(async ({ address, username, secret }) => ({
      address,
      username,
      password: (await readPlaintext(secret)).toString("utf8"),
    })),
  );
}

async function loadImage(graph: Graph, container: ContainerValue, args: Args): Promise<Image> {
  const session = sessionOf(graph);
  const inStep = engineSteps(session.report);
  const [credentials, endpoint] = [await credentialsOf(container), await endpointOf(graph, args)];
  return await session.images.get(text(args["address"]), container.platform, credentials, inStep, endpoint);
}

const HTTPS_PORT = 443;

/** The service that is to be the registry of the address. */
async function endpointOf(graph: Graph, args: Args): Promise<Endpoint | undefined> {
  const service = args["registryService"] as Obj | undefined;
  if (service === undefined) return undefined;
  const value = await service.value<ServiceValue>();
  const { registry } = parseReference(text(args["address"]));
  const port = Number(/:(\d+)$/.exec(registry)?.[1] ?? HTTPS_PORT);
  return {
    key: await service.key(),
    mayBePlain: value.kind === "container" || (value.kind === "host" && isInsideHost(value.host)),
    reach: (use) => withServiceAddress(graph, service, port, use),
  };
}

/** The image's files and configuration over what is kept of the container: its variables, labels, ports and mounts. */
function fromImage(container: ContainerValue, image: Image): ContainerValue {
  const { config } = image;
  const env = new Map(container.env);
  for (const entry of config.Env ?? []) {
    // A name alone has no value, and least of all this machine's.
    const [name = ""] = entry.split("=", 1);
    env.set(name, entry.slice(name.length + 1));
  }
  const labels = new Map([...container.labels, ...Object.entries(config.Labels ?? {})]);
  return {
    ...container,
    rootfs: image.snapshot,
    imageConfig: config,
    env,
    labels,
    annotations: new Map([...container.annotations, ...Object.entries(image.annotations)]),
    workdir: config.WorkingDir ?? "",
    user: config.User ?? "",
    entrypoint: config.Entrypoint ?? [],
    defaultArgs: config.Cmd ?? [],
    ports: [...container.ports, ...exposedPorts(config)],
    last: undefined,
  };
}

function exposedPorts(config: ImageConfig): PortValue[] {
  return Object.keys(config.ExposedPorts ?? {}).map((entry) => {
    const [port, protocol = "tcp"] = entry.split("/");
    return {
      port: Number(port),
      protocol: protocol.toUpperCase() as "TCP" | "UDP",
      description: undefined,
      experimentalSkipHealthcheck: false,
    };
  });
}
