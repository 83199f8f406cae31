import type { ChildProcess } from "node:child_process";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { hostToolEnv, ownSession } from "../store/host-tools.ts";
import { startProgram } from "../store/start-program.ts";
import { tellSystemError } from "../store/system-words.ts";
import { outsidePrefix, questionHeader } from "./agent-way-out.ts";
import type { RunHost } from "./run-host.ts";
import { joinSockets, readHeader } from "./socket-pair.ts";
import type { WayOut } from "./way-out.ts";

const dialTimeoutMs = 5_000;

/** TCP between the host's network and the session's, both ways, by way of the relay agent. Started when it is first used. */
export class Relay {
  readonly #host: RunHost;
  readonly #namespacePath: string;
  readonly #name: string;
  readonly #targets = new Map<string, { host: string; port: number }>();
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  readonly #servers = new Set<Server>();
  readonly #sockets = new Set<Socket>();
  /** Why the agent does not answer any more. */
  #ended: Error | undefined;
  #started: Promise<ChildProcess> | undefined;
  #sequence = 0;
  #wayOut: WayOut | undefined;

  constructor(host: RunHost, namespacePath: string) {
    this.#host = host;
    this.#namespacePath = namespacePath;
    this.#name = host.uniqueName("relay");
  }

  /** Makes the agent ready in advance. */
  async prepare(): Promise<void> {
    await this.#start();
  }

  /** A connection to `host`:`port` of the session's network, or an error that says why not. */
  async dial(host: string, port: number): Promise<Socket> {
    await this.#start();
    const socket = connect({ path: this.#host.socketPath(`${this.#name}.agent`), allowHalfOpen: true });
    this.#track(socket);
    socket.write(`${JSON.stringify({ host, port, timeoutMs: dialTimeoutMs })}\n`);
    const { header, rest } = await readHeader(socket);
    const { error } = JSON.parse(header) as { error?: string };
    if (error !== undefined) {
      socket.destroy();
      throw new Error(`cannot connect to ${host}:${port}: ${error}`);
    }
    if (rest.length > 0) socket.unshift(rest);
    return socket;
  }

  /** Listens in the host's network and passes each connection to `target` in the session's. Returns the port and a way to stop. */
  async listenOnHost(
    address: string,
    port: number,
    target: { host: string; port: number },
  ): Promise<{ port: number; close(): Promise<void> }> {
    await this.#start();
    const open = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (incoming) => {
      this.#track(incoming);
      open.add(incoming);
      incoming.on("error", () => undefined).once("close", () => open.delete(incoming));
      this.dial(target.host, target.port).then(
        (outgoing) => joinSockets(incoming, outgoing),
        () => incoming.destroy(),
      );
    });
    await listenOn(server, address, port);
    this.#servers.add(server);
    const bound = server.address();
    const close = async (): Promise<void> => {
      this.#servers.delete(server);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A client may keep its end open for ever.
      for (const socket of open) socket.destroy();
      await closed;
    };
    return { port: typeof bound === "object" && bound !== null ? bound.port : port, close };
  }

  /** Listens in the session's network and passes each connection to `target` as the host sees it. Returns a way to stop. */
  async listenInSession(
    address: string,
    port: number,
    target: { host: string; port: number },
  ): Promise<() => Promise<void>> {
    this.#sequence += 1;
    const name = `target${this.#sequence}`;
    this.#targets.set(name, target);
    try {
      await this.#order({ address, port, target: name });
    } catch (error) {
      this.#targets.delete(name);
      throw error;
    }
    return async () => {
      this.#targets.delete(name);
      await this.#order({ close: name });
    };
  }

  /** Takes what the session's network redirects to these ports of the hub, and carries it out. */
  async carryOut(wayOut: WayOut, ports: { readonly tcp: number; readonly udp: number }): Promise<void> {
    this.#wayOut = wayOut;
    await this.#order({ wayOut: ports });
  }

  async #order(order: Readonly<Record<string, unknown>>): Promise<void> {
    const child = await this.#start();
    if (this.#ended !== undefined) throw this.#ended;
    this.#sequence += 1;
    const id = this.#sequence;
    // The engine must not end while it waits for the answer.
    child.ref();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        child.stdin?.write(`${JSON.stringify({ id, ...order })}\n`);
      });
    } finally {
      if (this.#waiting.size === 0) child.unref();
    }
  }

  async close(): Promise<void> {
    if (this.#started === undefined) return;
    const child = await this.#started.catch(() => undefined);
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
    child?.stdin?.end();
  }

  #start(): Promise<ChildProcess> {
    this.#started ??= this.#launch();
    return this.#started;
  }

  async #launch(): Promise<ChildProcess> {
    await this.#host.mounted();
    const engineSocket = `${this.#name}.engine`;
    await this.#listenForAgent(engineSocket);
    const enter = await this.#host.anchor.enterArgs();
    const node = [process.execPath, ...this.#host.relayAgent, `${this.#name}.agent`, engineSocket];
    const [program, ...args] = [...enter, `--net=${this.#namespacePath}`, ...node];
    const child = startProgram(program ?? "nsenter", args, {
      stdio: ["pipe", "pipe", "pipe"],
      cwd: this.#host.dir,
      env: hostToolEnv(),
      ...ownSession,
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said = (said + chunk).slice(-2000)));
    child.stdin.on("error", () => undefined);
    const ready = new Promise<void>((resolve, reject) => this.#waiting.set(0, { resolve, reject }));
    createInterface({ input: child.stdout }).on("line", (line) => this.#receive(line));
    const fail = (reason: string): void => {
      this.#ended = new Error(`the relay into the session's network ${reason}: ${said.trim()}`);
      for (const { reject } of this.#waiting.values()) reject(this.#ended);
      this.#waiting.clear();
    };
    child.once("error", (error) => fail(`cannot be started: ${tellSystemError(error) ?? error.message}`));
    child.once("exit", (code, signal) =>
      fail(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
    );
    await ready;
    child.unref();
    for (const stream of child.stdio)
      if (stream !== null && stream !== undefined && "unref" in stream && typeof stream.unref === "function")
        stream.unref();
    return child;
  }

  #receive(line: string): void {
    const { id, error } = JSON.parse(line) as { id: number; error?: string };
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(new Error(error));
  }

  /** Where the agent brings the connections which it accepted for us. */
  async #listenForAgent(name: string): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (incoming) => {
      this.#track(incoming);
      readHeader(incoming).then(
        ({ header, rest }) => this.#goOn(incoming, header, rest),
        () => incoming.destroy(),
      );
    });
    await listenOn(server, this.#host.socketPath(name));
    server.unref();
    this.#servers.add(server);
  }

  #goOn(incoming: Socket, header: string, rest: Buffer): void {
    if (header.startsWith(outsidePrefix) && this.#wayOut !== undefined) {
      const destination = header.slice(outsidePrefix.length);
      this.#wayOut.join(incoming, rest, destination, (socket) => this.#track(socket));
      return;
    }
    if (header === questionHeader && this.#wayOut !== undefined) {
      this.#wayOut.answer(incoming, rest).catch(() => incoming.destroy());
      return;
    }
    const target = this.#targets.get(header);
    if (target === undefined) return void incoming.destroy();
    const outgoing = connect({ ...target, allowHalfOpen: true });
    this.#track(outgoing);
    outgoing.write(rest);
    joinSockets(incoming, outgoing);
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }
}

const PORT_IN_USE =
  "address already in use\n  to do: end the program that uses the port, or choose another one of this machine, such as up --ports 3001:3000";

function listenOn(server: Server, addressOrPath: string, port?: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const place = port === undefined ? addressOrPath : `${addressOrPath}:${port}`;
      const why = error.code === "EADDRINUSE" && port !== undefined ? PORT_IN_USE : error.message;
      reject(new Error(`cannot listen on ${place}: ${why}`));
    });
    if (port === undefined) server.listen(addressOrPath, resolve);
    else server.listen(port, addressOrPath, resolve);
  });
}
