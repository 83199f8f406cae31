import type { ImageSettings } from "../dockerfile/planned.ts";
import { makeOwnedFolders } from "../store/edit.ts";
import { text } from "./arguments.ts";
import { copyKey, copyStep } from "./dockerfile-copy.ts";
import { runKey, runStep } from "./dockerfile-run.ts";
import { ownerIn } from "./dockerfile-sent.ts";
import { withSettings } from "./dockerfile-settings.ts";
import type { Args, Fields, Graph, Obj, Pin } from "./graph.ts";
import { sessionOf } from "./session.ts";
import type { ContainerValue, MountValue } from "./values.ts";

/**
 * The steps that a Dockerfile is turned into. No query can name them: they are no part of the schema.
 *
 * RUN and COPY are known by the content of what they take, so that a change of anything else runs nothing again.
 */
export const dockerfileStepFields: Fields = {
  Container: {
    __dockerfileRun: {
      run: async (self, args, graph, pin) => runStep(graph, await self.value<ContainerValue>(), args, keyOf(pin)),
      pin: async (self, args, graph) => ({ key: await runKey(graph, await self.key(), args) }),
    },
    __dockerfileCopy: {
      run: async (self, args, graph, pin) => copyStep(graph, await self.value<ContainerValue>(), args, keyOf(pin)),
      pin: async (self, args, graph) => ({ key: await copyKey(graph, await self.key(), args) }),
    },
    __dockerfileFolder: { run: makeFolder },
    __dockerfileSettings: {
      run: async (self, args) => {
        const container = withSettings(await self.value<ContainerValue>(), receivedSettings(args["settings"]));
        return { ...container, mounts: secretMounts(args) };
      },
    },
  },
};

function keyOf(pin: Pin | undefined): string {
  return (pin as Pin).key;
}

/** WORKDIR: what is missing of the folder belongs to the user of the stage. */
async function makeFolder(self: Obj, args: Args, graph: Graph): Promise<ContainerValue> {
  const container = await self.value<ContainerValue>();
  const { store } = sessionOf(graph);
  const path = text(args["path"]);
  const owner = text(args["owner"]);
  const who = owner === "" ? undefined : ownerIn(await store.view(container.rootfs), owner);
  const rootfs = await store.once(["dockerfile folder", container.rootfs, path, who ?? null], () =>
    store.change(container.rootfs, async (root) => makeOwnedFolders(root, path, who)),
  );
  return { ...container, rootfs };
}

function receivedSettings(sent: unknown): ImageSettings {
  const settings = sent as {
    readonly env: readonly [string, string][];
    readonly labels: readonly [string, string][];
    readonly ports: readonly string[];
    readonly volumes: readonly string[];
  } & Omit<ImageSettings, "env" | "labels" | "ports" | "volumes">;
  return {
    ...settings,
    env: new Map(settings.env),
    labels: new Map(settings.labels),
    ports: new Set(settings.ports),
    volumes: new Set(settings.volumes),
  };
}

/** The real engine leaves the secrets of a build where its execs would find them. */
function secretMounts(args: Args): readonly MountValue[] {
  const names = args["names"] as readonly string[];
  return (args["secrets"] as readonly Obj[]).map((secret, place): MountValue => {
    const path = `/run/secrets/${names[place]}`;
    return { kind: "secret", path, target: path, secret, owner: "", mode: 0o400 };
  });
}
