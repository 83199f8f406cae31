import { ApiError } from "../api/errors.ts";
import { existing, readsValue } from "../api/field-kinds.ts";
import type { Fields, Graph, Obj } from "../api/graph.ts";
import { serveOnHost } from "../api/service.ts";
import type { ServiceValue } from "../api/service-value.ts";
import { entryFields } from "./entry-fields.ts";
import { type ModuleEntry, runEntry } from "./module-entries.ts";

/** A function that returns a service for `up`. */
interface UpValue {
  readonly entry: ModuleEntry;
}

export interface UpGroupValue {
  readonly ups: readonly UpValue[];
}

const reads = readsValue<UpValue>;

/** Services of modules that are served on the host, until the command is ended. */
export const upFields: Fields = {
  Up: {
    ...entryFields,
    run: existing(
      "Up",
      "run",
      reads(async (up, _args, graph) => {
        await serve((await runEntry(up.entry, graph)) as Obj);
        return up;
      }),
    ),
  },
  UpGroup: {
    list: readsValue<UpGroupValue>(({ ups }) => ups),
    run: existing(
      "UpGroup",
      "run",
      readsValue<UpGroupValue>(async (group, _args, graph) => {
        await serveAll(group, graph);
        return group;
      }),
    ),
  },
};

export function upGroup(entries: readonly ModuleEntry[]): UpGroupValue {
  return { ups: entries.map((entry) => ({ entry })) };
}

async function serveAll({ ups }: UpGroupValue, graph: Graph): Promise<void> {
  const services = await Promise.all(ups.map(({ entry }) => runEntry(entry, graph) as Promise<Obj>));
  const exposed = await Promise.all(
    services.map(async (service, nth) => {
      const value = await service.value<ServiceValue>();
      const ports = value.kind === "container" ? value.container.ports : [];
      return ports.map(({ port, protocol }) => ({
        name: ups[nth]?.entry.name ?? "",
        port: `${port}/${protocol.toLowerCase()}`,
      }));
    }),
  );
  checkPorts(exposed.flat());
  await Promise.all(services.map(serve));
}

/** @throws ApiError with each port that two services have */
function checkPorts(ports: readonly { readonly name: string; readonly port: string }[]): void {
  const first = new Map<string, string>();
  const conflicts: string[] = [];
  for (const { name, port } of ports) {
    const other = first.get(port);
    if (other === undefined) first.set(port, name);
    else conflicts.push(`port ${port} is exposed by both ${JSON.stringify(other)} and ${JSON.stringify(name)}`);
  }
  if (conflicts.length > 0) throw new ApiError(`port collision detected:\n  ${conflicts.join("\n  ")}`);
}

async function serve(service: Obj): Promise<void> {
  await serveOnHost(service.graph, service, {}, "failed to create host tunnel");
}
