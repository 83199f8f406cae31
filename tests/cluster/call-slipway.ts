import { resolve } from "node:path";
import type { Cluster } from "./cluster.ts";
import type { CommandResult } from "./command.ts";

export interface CallOptions {
  /** The repository that the call is about. */
  readonly folder: string;
  /** The command; by default this checkout's. */
  readonly program?: string;
  /** For `--token=env:TOKEN`; the administrator's by default. */
  readonly token?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After this the call is killed. */
  readonly limitMs?: number;
  /** When it is aborted the call is killed. */
  readonly killed?: AbortSignal;
}

/** Runs `./slipway call` in a repository, in the cluster's network, as a person or a CI job does. */
export function callSlipway(
  cluster: Cluster,
  args: readonly string[],
  { folder, program = resolve("slipway"), token = cluster.token, env = {}, limitMs = 300_000, killed }: CallOptions,
): Promise<CommandResult> {
  return cluster.exec([program, "call", "--progress=plain", ...args], {
    cwd: folder,
    env: { TOKEN: token, NO_COLOR: "1", ...env },
    limitMs,
    ...(killed === undefined ? {} : { killed }),
  });
}

/** How a call names the cluster: by its address for containers. */
export function accessTo(cluster: Cluster, certificateAuthorityFile: string): readonly string[] {
  return [
    `--server=${cluster.serverForContainers}`,
    "--token=env:TOKEN",
    `--certificate-authority=${certificateAuthorityFile}`,
  ];
}

/** What a call was and what it answered, for the log of a test; paths below `folder` without it. */
export function tellCall(args: readonly string[], { exitCode, stdout, stderr }: CommandResult, folder: string): string {
  const error = exitCode === 0 ? "" : (stderr.split("Error: ").at(-1) ?? "");
  const said = `${stdout}${error}`.trimEnd().replaceAll("\n", "\n    ");
  return `  $ slipway call ${args.join(" ").replaceAll(`${folder}/`, "")} (exit ${exitCode})\n    ${said}`;
}
