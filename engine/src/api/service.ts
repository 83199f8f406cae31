import type { NetworkLease } from "../run/container.ts";
import { flag, object, text } from "./arguments.ts";
import { commandOf } from "./container-exec.ts";
import { ApiError } from "./errors.ts";
import { exitText } from "./exit-text.ts";
import type { Args, Field, Fields, Graph, Obj } from "./graph.ts";
import { hostnameOf } from "./service-runs.ts";
import type { ContainerService, Forward, ServiceValue, TunnelService } from "./service-value.ts";
import { sessionOf } from "./session.ts";
import { checkForwards } from "./start-service.ts";
import type { ContainerValue } from "./values.ts";

interface PortForward {
  readonly frontend?: number;
  readonly backend: number;
  readonly protocol?: string;
}

/** Services: containers that go on running, things of the host, and tunnels to the host. */
export const serviceFields: Fields = {
  Container: {
    asService: {
      run: async (self, args): Promise<ServiceValue> => {
        const container = await self.value<ContainerValue>();
        return { kind: "container", container, command: serviceCommand(container, args), hostname: undefined };
      },
      // The command is looked up without running what comes before it.
      check: async (self, args) => {
        if (self.call?.parent.call === undefined) serviceCommand(await self.value<ContainerValue>(), args);
      },
    },
    up: {
      run: async (self, args, graph) => {
        const service = graph.object("Service", { parent: self, field: "asService", args: withoutPorts(args) });
        return await serveOnHost(graph, service, args);
      },
    },
  },
  Host: {
    service: {
      run: (_self, args) => hostService(args),
      check: async (_self, args) => void hostService(args),
    },
    tunnel: {
      run: (_self, args) => tunnelTo(args),
      check: async (_self, args) => void (await tunnelTo(args)),
    },
  },
  Service: {
    sync: {
      run: async (self) => {
        await self.value();
        return await self.id();
      },
    },
    hostname: { run: async (self) => hostnameOf(await self.value<ServiceValue>(), await self.key()) },
    withHostname: {
      run: async (self, args): Promise<ServiceValue> =>
        ({ ...(await self.value<ServiceValue>()), hostname: text(args["hostname"]) }) as ServiceValue,
    },
    ports: {
      run: async (self) => {
        const value = await self.value<ServiceValue>();
        return value.kind === "container" ? value.container.ports : [];
      },
    },
    endpoint: { run: (self, args, graph) => endpointOf(self, args, graph) },
    start: startField(),
    stop: {
      run: async (self, args, graph) => {
        await sessionOf(graph).services.stop(self, flag(args["kill"]) ? "SIGKILL" : "SIGTERM");
        return await self.id();
      },
    },
    up: { run: (self, args, graph) => serveOnHost(graph, self, args) },
  },
};

function hostService(args: Args): ServiceValue {
  const given = portsOf(args);
  if (given.length === 0) throw new ApiError("no ports specified");
  const ports = given.map((port) => forward(port, port.backend));
  return { kind: "host", host: text(args["host"], "localhost"), ports, hostname: undefined };
}

/** The ports that are given, also those of the service when it is to have them as they are, or else those on free ports. */
async function tunnelTo(args: Args): Promise<TunnelService> {
  const service = object(args["service"]);
  const value = await service.value<ServiceValue>();
  if (value.kind !== "container") throw new ApiError("tunneling to non-Container services is not supported");
  const exposed = value.container.ports.map(({ port, protocol }) => ({ backend: port, protocol }));
  const native = flag(args["native"]) ? exposed.map((port) => forward(port, port.backend)) : [];
  const given = [...native, ...portsOf(args).map((port) => forward(port, 0))];
  const ports = given.length > 0 ? given : exposed.map((port) => forward(port, 0));
  if (ports.length === 0) throw new ApiError("no ports to forward");
  return { kind: "tunnel", service, ports, hostname: undefined };
}

/** @param frontend unless the port has one of its own */
function forward({ backend, protocol, ...given }: PortForward, frontend: number): Forward {
  return { frontend: given.frontend ?? frontend, backend, protocol: protocol ?? "TCP" };
}

function serviceCommand(container: ContainerValue, args: Args): ContainerService["command"] {
  try {
    return commandOf(container, args);
  } catch (error) {
    if (error instanceof ApiError && error.message === "no command has been set") {
      throw new ApiError("no service command has been set");
    }
    throw error;
  }
}

/** Keeps the service running until it is stopped, or the session ends. */
function startField(): Field {
  return {
    run: async (self, _args, graph) => {
      const session = sessionOf(graph);
      await session.services.use(session, self);
      return await self.id();
    },
  };
}

function portsOf(args: Args): readonly PortForward[] {
  return (args["ports"] ?? []) as readonly PortForward[];
}

function withoutPorts({ ports: _ports, random: _random, ...args }: Args): Args {
  return args;
}

async function endpointOf(self: Obj, args: Args, graph: Graph): Promise<string> {
  const session = sessionOf(graph);
  const value = await self.value<ServiceValue>();
  const scheme = text(args["scheme"]);
  const given = args["port"] as number | undefined;
  if (value.kind === "tunnel") {
    const { run, release } = await session.services.use(session, self);
    release();
    return endpoint(scheme, "127.0.0.1", given ?? run.ports[0]);
  }
  const first = value.kind === "container" ? value.container.ports[0]?.port : value.ports[0]?.frontend;
  return endpoint(scheme, hostnameOf(value, await self.key()), given ?? first);
}

function endpoint(scheme: string, host: string, port: number | undefined): string {
  if (port === undefined) throw new ApiError("no ports exposed");
  return `${scheme === "" ? "" : `${scheme}://`}${host}:${port}`;
}

/**
 * Serves a service on 127.0.0.1 until the caller ends it, or it ends itself.
 *
 * @param cannot what is said before the reason when there is nothing to serve
 */
export async function serveOnHost(
  graph: Graph,
  service: Obj,
  args: Args,
  cannot = "failed to select host service",
): Promise<null> {
  const session = sessionOf(graph);
  const native = !flag(args["random"]) && portsOf(args).length === 0;
  // What is no service is refused in its own words.
  await service.value<ServiceValue>();
  const { ports } = await tunnelTo({ service, ports: portsOf(args), native }).catch((error: unknown) => {
    throw error instanceof ApiError ? new ApiError(`${cannot}: ${error.message}`) : error;
  });
  checkForwards(ports);
  const { run, release } = await session.services.use(session, service);
  const forwards = [];
  try {
    for (const { frontend, backend } of ports) {
      const forward = await session.network.forwardFromHost(run.lease as NetworkLease, frontend, backend);
      forwards.push(forward);
      session.report({ kind: "note", text: `tunnel started: 127.0.0.1:${forward.port} -> ${run.hostname}:${backend}` });
    }
    const exit = await Promise.race([run.ended, session.interrupted]);
    const cause = run.cause();
    if (cause !== undefined) throw cause;
    if (exit !== undefined && exit.code !== 0)
      throw new ApiError(`service ${run.hostname} exited with ${exitText(exit).replace("exit code: ", "code ")}`);
    return null;
  } finally {
    for (const forward of forwards) await forward.close();
    release();
  }
}
