import type { Image, ImageConfig, RegistryCredentials } from "../image/image.ts";
import { digestOf } from "../store/store.ts";
import { ApiError } from "./errors.ts";
import type { Fields, Graph, Obj, Pin } from "./graph.ts";
import { readPlaintext } from "./secret.ts";
import { sessionOf, text } from "./session.ts";
import type { ContainerValue, PortValue } from "./values.ts";

/** Images: where containers come from and where they go. */
export const containerImageFields: Fields = {
  Container: {
    from: {
      run: async (self, args, graph): Promise<ContainerValue> => {
        const container = await self.value<ContainerValue>();
        return fromImage(container, await loadImage(graph, container, text(args["address"])));
      },
      pin: async (self, args, graph): Promise<Pin> => {
        const container = await self.value<ContainerValue>();
        const session = sessionOf(graph);
        const credentials = await credentialsOf(container);
        const address = text(args["address"]);
        const { ref, digest } = await session.images.resolve(address, container.platform, credentials);
        return { key: digestOf(["from", await self.key(), ref, digest, container.platform]), data: { ref } };
      },
    },
    imageRef: { run: (self) => imageRefOf(self) },
  },
};

/** The reference of the image that a chain began with. Nothing is run for it. */
async function imageRefOf(self: Obj): Promise<string> {
  for (let at: Obj | undefined = self; at?.call !== undefined; at = at.call.parent) {
    if (at.type !== "Container") break;
    if (at.call.field === "from") {
      const pin = await at.pin();
      return (pin?.data as { ref: string }).ref;
    }
    if (at.call.field === "withRootfs" || at.call.field === "import") break;
  }
  throw new ApiError(
    "Image reference can only be retrieved immediately after the 'Container.From' call. Error in fetching imageRef as the container image is changed",
  );
}

/** The credentials of all registries that the container knows. */
export async function credentialsOf(container: ContainerValue): Promise<readonly RegistryCredentials[]> {
  return await Promise.all(
    container.registryAuth.map(async ({ address, username, secret }) => ({
      address,
      username,
      password: (await readPlaintext(secret)).toString("utf8"),
    })),
  );
}

async function loadImage(graph: Graph, container: ContainerValue, address: string): Promise<Image> {
  const session = sessionOf(graph);
  return await session.images.get(address, container.platform, await credentialsOf(container));
}

/** The image's files and configuration over what is kept of the container: its variables, labels, ports and mounts. */
function fromImage(container: ContainerValue, image: Image): ContainerValue {
  const { config } = image;
  const env = new Map(container.env);
  for (const entry of config.Env ?? []) {
    const at = entry.indexOf("=");
    env.set(entry.slice(0, at), entry.slice(at + 1));
  }
  const labels = new Map([...container.labels, ...Object.entries(config.Labels ?? {})]);
  return {
    ...container,
    rootfs: image.snapshot,
    imageLayers: image.snapshot.layers.length,
    imageRef: image.ref,
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
