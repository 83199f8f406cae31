import type { NetworkLease } from "../run/container.ts";
import { ApiError, ExecFailure, unsupported } from "./errors.ts";
import { exitText } from "./exit-text.ts";
import { ExitedBeforeHealthy, type ServiceRun } from "./service-run.ts";
import type { Session } from "./session.ts";
import type { ServiceBinding } from "./values.ts";

export interface BoundServices {
  /** Calls `gone` when one of them ends by itself. The answer stops watching, and says which one it was. */
  onExit(gone: () => void): () => ApiError | undefined;
  release(): Promise<void>;
}

/**
 * Starts the bound services and puts their names into the hosts of `lease`.
 *
 * @throws ExecFailure of the service that could not start, with its name
 */
export async function bindServices(
  session: Session,
  bindings: readonly ServiceBinding[],
  lease: NetworkLease,
  cmd: readonly string[],
): Promise<BoundServices> {
  const names = new Map(session.services.names());
  const used = await Promise.allSettled(bindings.map(({ service }) => session.services.use(session, service)));
  const running = used.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const release = async () => {
    for (const { release: giveBack } of running) giveBack();
  };
  for (const [place, result] of used.entries()) {
    if (result.status === "fulfilled") continue;
    await release();
    const { alias, service } = bindings[place] as ServiceBinding;
    throw startFailure(result.reason, alias, await service.key(), cmd);
  }
  for (const [place, { run }] of running.entries()) {
    const alias = (bindings[place] as ServiceBinding).alias;
    if (run.lease === undefined) {
      await release();
      throw unsupported("a tunnel that is bound to a container");
    }
    const { address } = run.lease;
    for (const name of [alias, alias.toLowerCase(), run.hostname]) if (name !== "") names.set(name, address);
  }
  try {
    await lease.setHosts(names);
  } catch (error) {
    await release();
    throw error;
  }
  return {
    release,
    onExit: (gone) =>
      watchExits(
        running.map(({ run }) => run),
        bindings,
        gone,
      ),
  };
}

function startFailure(error: unknown, alias: string, key: string, cmd: readonly string[]): unknown {
  if (!(error instanceof Error)) return error;
  const message = `start ${key.slice(0, 13)} (aliased as ${alias}): ${error.message}`;
  if (error instanceof ExecFailure) return new ExecFailure(message, error.exec);
  if (error instanceof ExitedBeforeHealthy) {
    return new ExecFailure(message, { cmd, exitCode: -1, stdout: "", stderr: "" });
  }
  return error instanceof ApiError ? new ApiError(message, error.extensions) : error;
}

function watchExits(
  runs: readonly ServiceRun[],
  bindings: readonly ServiceBinding[],
  gone: () => void,
): () => ApiError | undefined {
  let first: ApiError | undefined;
  let watching = true;
  for (const [place, run] of runs.entries()) {
    void run.ended.then((exit) => {
      if (!watching || first !== undefined) return;
      const alias = bindings[place]?.alias ?? "";
      const text = `bound service ${run.hostname} (aliased as ${alias}) exited`;
      const why = run.cause()?.message ?? (exit.code === 0 ? undefined : exitText(exit));
      first = new ApiError(why === undefined ? text : `${text}: ${why}`);
      gone();
    });
  }
  return () => {
    watching = false;
    return first;
  };
}
