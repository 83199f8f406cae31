import { createHash, randomBytes, scryptSync } from "node:crypto";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { readHostFile } from "../store/import.ts";
import { pathError } from "../store/paths.ts";
import { keepPrivate } from "../store/private.ts";
import { runProgram } from "../store/start-program.ts";
import { text } from "./arguments.ts";
import { ApiError, unsupported } from "./errors.ts";
import type { Fields, Graph, Obj, Pin } from "./graph.ts";
import { type Session, sessionOf } from "./session.ts";
import type { SecretValue } from "./values.ts";

/** Schemes of the real engine that need a service of a third party. */
const OTHER_SCHEMES = new Set(["vault", "op", "libsecret", "gcp", "aws+sm", "aws+ps"]);

export const secretFields: Fields = {
  Query: {
    secret: {
      run: async (_self, args, graph) => secretFromUri(graph, text(args["uri"])),
      check: async (_self, args) => {
        parseUri(text(args["uri"]));
      },
      pin: (self, args, graph) => pinUri(self, graph, text(args["uri"]), args["cacheKey"] as string | undefined),
    },
    setSecret: {
      eager: true,
      run: (_self, args, graph) => {
        const name = text(args["name"]);
        const plaintext = Buffer.from(text(args["plaintext"]));
        sessionOf(graph).secrets.set(name, plaintext);
        sessionOf(graph).hidden.add(plaintext);
        return namedSecret(graph, name);
      },
      // The plain text is no part of its identity, and must not travel.
      idArgs: (args) => ({ name: args["name"] }),
      keyArgs: (args) => ({ name: args["name"] }),
    },
  },
  Secret: {
    name: { run: async (self) => (await self.value<SecretValue>()).name },
    uri: { run: async (self) => (await self.value<SecretValue>()).uri },
    plaintext: { run: async (self) => (await readPlaintext(self)).toString("utf8") },
  },
};

/** The bytes of a secret. */
export async function readPlaintext(secret: Obj): Promise<Buffer> {
  return await (await secret.value<SecretValue>()).plaintext();
}

function namedSecret(graph: Graph, name: string): SecretValue {
  return {
    name,
    uri: "",
    plaintext: async () => {
      const found = sessionOf(graph).secrets.get(name);
      if (found === undefined) throw new ApiError(`secret ${name}: not found`);
      return found;
    },
  };
}

interface SecretUri {
  readonly scheme: string;
  readonly rest: string;
}

/** @throws ApiError when the text is no secret address, or one of a provider that is not there */
function parseUri(uri: string): SecretUri {
  const match = /^([a-z][a-z0-9+]*):\/\/(.*)$/s.exec(uri);
  if (match === null) throw new ApiError(`parse "${uri}": malformed id`);
  const [, scheme = "", rest = ""] = match;
  if (OTHER_SCHEMES.has(scheme)) throw unsupported(`the secret provider ${scheme}`);
  if (!["env", "file", "cmd"].includes(scheme)) throw new ApiError(`unsupported secret provider: "${scheme}"`);
  return { scheme, rest };
}

function secretFromUri(graph: Graph, uri: string): SecretValue {
  const parsed = parseUri(uri);
  let read: Promise<Buffer> | undefined;
  return {
    name: "",
    uri,
    plaintext: () => {
      read ??= lookUp(sessionOf(graph), parsed).then((plaintext) => {
        sessionOf(graph).hidden.add(plaintext);
        return plaintext;
      });
      return read;
    },
  };
}

async function lookUp(session: Session, { scheme, rest }: SecretUri): Promise<Buffer> {
  const { host } = session;
  if (scheme === "env") {
    const value = host.env[rest];
    if (value === undefined) throw new ApiError(`secret env var not found: "${rest.slice(0, 3)}..."`);
    return Buffer.from(value);
  }
  if (scheme === "file") {
    const path = rest.startsWith("~/") ? join(host.env["HOME"] ?? homedir(), rest.slice(2)) : rest;
    const absolute = isAbsolute(path) ? path : join(host.workdir, path);
    return await readHostFile({ root: host.root, path: absolute }, session.store.dir).catch((error) => {
      throw new ApiError(`failed to read secret file "${rest}": ${(pathError("open", path, error) as Error).message}`);
    });
  }
  const { code, stdout } = await runProgram(["sh", "-c", rest], { cwd: host.workdir, env: { ...host.env } });
  if (code === 0) return stdout;
  throw new ApiError(`failed to run secret command "${rest}": exit status ${code ?? 1}`);
}

/** Equal values have equal keys, whoever provides them; the key tells nothing about the value without much work. */
async function pinUri(_self: Obj, graph: Graph, uri: string, cacheKey: string | undefined): Promise<Pin> {
  const session = sessionOf(graph);
  // With a key of its own the value is not read, but what was made of it may be found again.
  keepPrivate();
  if (cacheKey !== undefined && cacheKey !== "")
    return { key: createHash("sha256").update(`cacheKey ${cacheKey}`).digest("hex") };
  try {
    const plaintext = await secretFromUri(graph, uri).plaintext();
    return {
      key: `secret:${scryptSync(plaintext, session.store.privateKey("salt"), 32, { N: 1 << 12 }).toString("hex")}`,
    };
  } catch {
    return { key: `secret:${randomBytes(32).toString("hex")}` };
  }
}
