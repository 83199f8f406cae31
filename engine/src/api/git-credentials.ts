import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../store/store.ts";
import type { Graph, Obj } from "./graph.ts";
import type { SocketValue } from "./host.ts";
import { readPlaintext } from "./secret.ts";
import { sessionOf } from "./session.ts";

/** What a repository on the network is shown of whoever asks. */
export interface GitCredentials {
  readonly username: string;
  readonly token: Obj | undefined;
  readonly header: Obj | undefined;
  /** The socket of an SSH agent; absent: that of the person. */
  readonly agent: Obj | undefined;
  /** Lines of a file known_hosts, which count in place of the person's; empty: there are none. */
  readonly knownHosts: string;
}

/**
 * Credentials go by the environment, where other users of the machine do not see them; and to the host of the address alone,
 * wherever that sends git.
 */
export async function credentialEnv(
  { username, token, header }: GitCredentials,
  address: string,
): Promise<Readonly<Record<string, string>>> {
  const [, base, host] = /^(https?:\/\/(?:[^/@]*@)?([^/]+))/.exec(address) ?? [];
  if (base === undefined || host === undefined || (token ?? header) === undefined) return {};
  let value: string;
  if (token === undefined) value = (await readPlaintext(header as Obj)).toString("utf8");
  else {
    const usual = host === "bitbucket.org" ? "x-token-auth" : "x-access-token";
    const pair = `${username === "" ? usual : username}:${(await readPlaintext(token)).toString("utf8")}`;
    value = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${base.replace(/\/\/[^/@]*@/, "//")}/.extraheader`,
    GIT_CONFIG_VALUE_0: `Authorization: ${value}`,
  };
}

/** What ssh is told. With hosts that are given nothing of the person's configuration counts. */
export async function sshEnv(
  graph: Graph,
  { agent, knownHosts }: GitCredentials,
): Promise<Readonly<Record<string, string>>> {
  const socket = agent === undefined ? {} : { SSH_AUTH_SOCK: (await agent.value<SocketValue>()).path };
  if (knownHosts === "") return socket;
  const file = join(await sessionOf(graph).memoryDir(), `known-hosts-${digestOf(knownHosts).slice(0, FILE_DIGITS)}`);
  writeFileSync(file, knownHosts, { mode: 0o600 });
  const shown = `'${file.replaceAll("'", "'\\''")}'`;
  return { ...socket, GIT_SSH_COMMAND: `ssh -F /dev/null -o UserKnownHostsFile=${shown}` };
}

const FILE_DIGITS = 16;
