import { cpus } from "node:os";
import type { WorkspaceRead } from "../api/workspace-reads.ts";
import type { NetworkLease } from "../run/container.ts";
import { CallContext, type CallOutcome, type FunctionCall } from "./call.ts";
import type { ModuleHost } from "./host.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { HeldOutput, type OutputListener, readOutput } from "./output.ts";
import { ENGINE_DIR } from "./paths-inside.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";

const COMMAND = ["/usr/local/bin/node", "--no-deprecation", `${ENGINE_DIR}/start.js`];

/**
 * A process for exactly one call of a function.
 *
 * It loads the module as soon as it is started and waits for its call then, so it may be started before the call is known.
 */
export class FunctionProcess {
  private constructor(
    private readonly context: CallContext,
    private readonly output: HeldOutput,
    /** Also the end of a process that never got a call. */
    readonly ended: Promise<CallOutcome>,
    /** Done when nothing of its container is left. */
    readonly gone: Promise<unknown>,
    /** Ends it at once, for a process that nobody needs any more. */
    readonly kill: () => void,
  ) {}

  /** Starts a process that loads the module and waits for its call. */
  static async start(module: LoadedModule, host: ModuleHost): Promise<FunctionProcess> {
    const context = new CallContext(module);
    const client = host.openClient(context);
    let sandbox: Sandbox<NetworkLease> | undefined;
    let unwatch: () => void = () => undefined;
    try {
      const env = {
        DAGGER_SESSION_TOKEN: client.token,
        // The launcher puts the port of its own relay in its place.
        DAGGER_SESSION_PORT: "0",
        DAGGER_ENGINE_NUM_CPU: String(cpus().length),
      };
      const socketDir = await host.socketDir();
      const { network } = host.session;
      sandbox = await openSandbox(host.session, module.root, network.lease("function"), COMMAND, { env, socketDir });
      const { spec, close } = sandbox;
      context.rootDir = spec.rootDir;
      const { services } = host.session;
      context.refreshNames = async () => await spec.network.setHosts(services.names());
      await context.refreshNames();
      unwatch = services.watch(() => void context.refreshNames().catch(() => undefined));
      const container = await host.session.start(spec);
      // It loads what is the engine's own meanwhile, and waits for it then.
      const opening = network.open();
      opening.catch(() => container.kill("SIGKILL"));
      const held = new HeldOutput();
      const end = async (): Promise<CallOutcome> => {
        try {
          const [output, exit] = await Promise.all([readOutput(container, held.write), container.exit]);
          await opening;
          return context.outcome(exit, output.stdout, output.stderr);
        } finally {
          unwatch();
          client.close();
        }
      };
      const ended = end();
      // Whoever has called it need not wait for that.
      const gone = ended.then(close, close);
      // Whoever started it early may never look.
      gone.catch(() => undefined);
      return new FunctionProcess(context, held, ended, gone, () => container.kill("SIGKILL"));
    } catch (error) {
      unwatch();
      client.close();
      await sandbox?.close();
      throw error;
    }
  }

  /** What it has asked its workspace so far. */
  get reads(): readonly WorkspaceRead[] {
    return this.context.reads.all();
  }

  /**
   * Gives the process its call and waits for its end.
   *
   * @param stepId the step that the call is shown as
   * @param onOutput gets what the code prints, also what it printed while it was loaded
   */
  async run(call: FunctionCall, stepId: string, onOutput: OutputListener): Promise<CallOutcome> {
    this.context.stepId = stepId;
    this.output.release(onOutput);
    this.context.assign(call);
    return await this.ended;
  }
}
