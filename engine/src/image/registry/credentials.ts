import { homedir } from "node:os";
import { join } from "node:path";
import { readIfThere } from "../../store/absent.ts";
import { keepPrivate } from "../../store/private.ts";
import { runProgram } from "../../store/start-program.ts";
import { tellSystemError } from "../../store/system-words.ts";
import type { RegistryCredentials } from "../image.ts";
import type { Reference } from "../reference.ts";

/** How we show a registry who asks. */
export interface Login {
  readonly username: string;
  readonly password: string;
  /** In place of a password: what a token server exchanges for tokens (OAuth2 refresh token). */
  readonly identityToken?: string;
}

interface AuthFile {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

const DOCKER_HUB = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

/**
 * Who asks a registry: what was given for it in this session, else the person's own `docker login` or `podman login`, else
 * nobody. Of several that were given the last wins, as in the real engine.
 */
export async function findLogin(
  reference: Reference,
  given: readonly RegistryCredentials[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Login | undefined> {
  const login = await lookForLogin(reference, given, env);
  // What a registry gives to this person is not for everybody.
  if (login !== undefined) keepPrivate();
  return login;
}

async function lookForLogin(
  reference: Reference,
  given: readonly RegistryCredentials[],
  env: NodeJS.ProcessEnv,
): Promise<Login | undefined> {
  const own = given.filter(({ address }) => isFor(address, reference)).at(-1);
  if (own !== undefined) return { username: own.username, password: own.password };
  for (const path of authFiles(env)) {
    const file = readAuthFile(path);
    const login = file === undefined ? undefined : await loginOf(file, reference);
    if (login !== undefined) return login;
  }
  return undefined;
}

/** In the order of containers-auth.json(5); Docker's own comes last. */
function authFiles(env: NodeJS.ProcessEnv): string[] {
  const named = env["REGISTRY_AUTH_FILE"] ?? "";
  if (named !== "") return [named];
  const home = env["HOME"] || homedir();
  const runtime = env["XDG_RUNTIME_DIR"] ?? "";
  return [
    join(
      runtime || `/run/containers/${process.getuid?.() ?? 0}`,
      runtime === "" ? "auth.json" : "containers/auth.json",
    ),
    join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "containers/auth.json"),
    join(env["DOCKER_CONFIG"] || join(home, ".docker"), "config.json"),
  ];
}

function readLogins(path: string): string | undefined {
  try {
    return readIfThere(path);
  } catch (error) {
    const why = tellSystemError(error as Error) ?? (error as Error).message;
    throw new Error(
      `the logins in ${path} cannot be read: ${why}\n  to do: let this user read the file, or remove it`,
      {
        cause: error,
      },
    );
  }
}

function readAuthFile(path: string): AuthFile | undefined {
  const text = readLogins(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as AuthFile;
  } catch {
    throw new Error(`${path} cannot be read as JSON\n  to do: log in again (docker login), or remove the file`);
  }
}

async function loginOf(file: AuthFile, reference: Reference): Promise<Login | undefined> {
  const helper = Object.entries(file.credHelpers ?? {}).find(([address]) => isFor(address, reference));
  if (helper !== undefined) return await askHelper(helper[1], helper[0]);
  const entries = Object.entries(file.auths ?? {}).filter(([address]) => isFor(address, reference));
  // The longest address is the nearest: `r.io/team` before `r.io`.
  const [address, entry] = entries.sort(([left], [right]) => right.length - left.length)[0] ?? [];
  const [username = "", ...rest] = Buffer.from(entry?.auth ?? "", "base64")
    .toString("utf8")
    .split(":");
  const identity = entry?.identitytoken;
  if (identity !== undefined && identity !== "") return { username, password: "", identityToken: identity };
  if (username !== "") return { username, password: rest.join(":") };
  const isKept = address !== undefined && (file.credsStore ?? "") !== "";
  return isKept ? await askHelper(file.credsStore ?? "", address) : undefined;
}

/** A helper is a program of the person that keeps passwords (docker-credential-helpers). One that has none says so by failing. */
async function askHelper(name: string, address: string): Promise<Login | undefined> {
  const answer = await runProgram([`docker-credential-${name}`, "get"], { input: address, timeout: 30_000 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    },
  );
  if (answer?.code !== 0) return undefined;
  const { Username, Secret } = JSON.parse(answer.stdout.toString("utf8")) as {
    readonly Username: string;
    readonly Secret: string;
  };
  if (Username === "<token>") return { username: Username, password: "", identityToken: Secret };
  return { username: Username, password: Secret };
}

/** An address is a host, or anything below it: then it is only for the repositories below. */
function isFor(address: string, { registry, repository }: Reference): boolean {
  const [host = "", ...path] = address
    .replace(/^https?:\/\//, "")
    .replace(/\/+$/, "")
    .split("/");
  const isHub = DOCKER_HUB.includes(host) && registry === "docker.io";
  if (host !== registry && !isHub) return false;
  const below = path.join("/");
  return isHub || below === "" || /^v[12]$/.test(below) || `${repository}/`.startsWith(`${below}/`);
}
