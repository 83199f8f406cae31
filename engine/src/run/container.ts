import type { Readable } from "node:stream";

/** One mount of a container besides its root, in the order in which they are made. */
export interface ContainerMount {
  /** Absolute path inside the container; made when it does not exist. */
  readonly destination: string;
  /** `bind`: `source` is a file or folder of the host. `tmpfs`: empty, in memory. */
  readonly kind: "bind" | "tmpfs";
  readonly source?: string;
  readonly readOnly?: boolean;
  readonly sizeBytes?: number;
}

/** Everything about one process in its sandbox. Nothing else of the host is visible to it. */
export interface ContainerSpec {
  /** A folder that becomes `/`, already mounted and writable; no other container uses it at the same time. */
  readonly rootDir: string;
  readonly args: readonly string[];
  /** Whole environment; only HOME is added, from the root's passwd file, when it is not named (the real engine does so too). */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory, made when it does not exist. */
  readonly cwd: string;
  readonly user: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] };
  readonly hostname: string;
  readonly mounts: readonly ContainerMount[];
  /** Where its address, its names and its way out come from. */
  readonly network: NetworkPlace;
  /** All capabilities of the sandbox instead of the usual fourteen. */
  readonly insecureRootCapabilities: boolean;
  /** Without the small init that is process 1 and reaps. */
  readonly noInit: boolean;
  /** Reaches nothing but itself; names are still those of the lease. */
  readonly hasNoNetwork?: true;
  /** Its programs are told of the certificates that this machine's environment names. */
  readonly trustsHost?: true;
  /** Bytes for standard input; none means an empty input. */
  readonly stdin?: Uint8Array;
  /** Its process gets a terminal of its own, and the person uses it at this one. Nothing of it is in `stdout` and `stderr` then. */
  readonly terminal?: PersonTerminal;
}

/** The terminal at which a person is. No container gets it as an open file. */
export interface PersonTerminal {
  /** Paths that the OCI runtime opens to read what is typed, and to write what is shown. */
  readonly input: string;
  readonly output: string;
  size(): TerminalSize;
  /** Calls `changed` whenever the window has another size, until the answer is called. */
  onResize(changed: () => void): () => void;
}

/** In characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface Exit {
  /** 0 to 255; 128 + signal when a signal ended it. */
  readonly code: number;
  /**
   * Whose memory was used up when the kernel ended a process of it: that which all containers may have, or that of the machine.
   * `perhaps`: where containers have no groups of their own, it may have been a process of another program.
   */
  readonly outOfMemory?: "containers" | "machine" | "perhaps";
}

/** A started container. `exit` never rejects; it rejects only when the container could not be started at all. */
export interface RunningContainer {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<Exit>;
  /** Sends `signal` to process 1 of the container; 9 ends all of it. */
  kill(signal: NodeJS.Signals): void;
  /**
   * Starts one more process in it, which ends with it at the latest.
   *
   * @throws ContainerEnded when there is no container to join any more
   */
  join(process: JoiningProcess): Promise<JoinedProcess>;
}

/** One more process in a container that runs: files, network and bounds are those of the container. */
export interface JoiningProcess {
  readonly args: readonly string[];
  /** Whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** A folder of the container. */
  readonly cwd: string;
  readonly user: ContainerSpec["user"];
  /** As that of a container. */
  readonly terminal?: PersonTerminal;
}

/** A process that has joined a container. What cannot be executed is exit code 255, with the reason in `stderr`. */
export type JoinedProcess = Pick<RunningContainer, "stdout" | "stderr" | "exit">;

/** There is no container to join: it has ended. */
export class ContainerEnded extends Error {
  override readonly name = "ContainerEnded";
}

/** What a container is told of the network, and where it is in it. */
export interface NetworkPlace {
  /** File of the network namespace to enter; undefined: it reaches nothing but itself. */
  readonly namespacePath: string | undefined;
  /** Files of the host that the container sees as /etc/hosts and /etc/resolv.conf. */
  readonly hostsPath: string;
  readonly resolvPath: string;
  /** The container's own name in its hosts file; the runtime sets it when the container starts. */
  setOwnName(hostname: string): Promise<void>;
  /** Gives it back. Safe to call twice. */
  release(): Promise<void>;
}

/** A place in the session's network: an address of its own, and a hosts file that can be changed while it is used. */
export interface NetworkLease extends NetworkPlace {
  readonly namespacePath: string;
  /** IPv4 address under which other containers of the session reach this one. */
  readonly address: string;
  /** Names of this container's hosts file beside localhost and its own; replaces what was set before, takes effect at once. */
  setHosts(names: ReadonlyMap<string, string>): Promise<void>;
}

/** The network of one session. Made lazily: nothing is started before the first lease. */
export interface SessionNetwork {
  /**
   * `service`: other containers connect to it. `client`: it only connects out. `function`: so does it, and may need no other one; its
   * process may be started in it at once, and must not run what others have written before `open` is done.
   */
  lease(role: "service" | "client" | "function"): Promise<NetworkLease>;
  /** Starts all of it, and a place for a function, since one is likely to be asked for. */
  open(): Promise<void>;
  /** For a container that reaches nothing but itself; nothing of the network is needed for it. */
  alone(): Promise<NetworkPlace>;
  /** Whether something accepts a TCP connection on that port of the service now. */
  accepts(service: NetworkLease, port: number): Promise<boolean>;
  /** Forwards TCP connections to 127.0.0.1:`frontend` of the host (0: any free port) to the service. Returns the port and a way to stop. */
  forwardFromHost(
    service: NetworkLease,
    frontend: number,
    backend: number,
  ): Promise<{ port: number; close(): Promise<void> }>;
  /** An address in the session's network that forwards TCP to `host`:`backend` as the host sees it (host.service). */
  forwardToHost(
    host: string,
    ports: readonly { frontend: number; backend: number }[],
  ): Promise<{ lease: NetworkLease; close(): Promise<void> }>;
  close(): Promise<void>;
}
