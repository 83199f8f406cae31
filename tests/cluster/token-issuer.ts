import { type ChildProcess, spawn } from "node:child_process";
import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Cluster } from "./cluster.ts";
import { readCommand } from "./command.ts";

const PORT = 8443;
const ISSUER = `https://127.0.0.1:${PORT}`;
const KEY_ID = "of-this-test";

/** Issues tokens for jobs as a CI system does: signed JWTs, whose keys an API server fetches. */
export class TokenIssuer {
  /** For the API server: it takes tokens of this issuer for one audience, and for one branch. */
  readonly authenticationConfig: string;
  readonly #folder: string;
  readonly #key: KeyObject;
  #server: ChildProcess | undefined;

  private constructor(folder: string, key: KeyObject) {
    this.#folder = folder;
    this.#key = key;
    this.authenticationConfig = join(folder, "authentication.json");
  }

  static async make(audience: string): Promise<TokenIssuer> {
    const folder = mkdtempSync(join(tmpdir(), "token-issuer-"));
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const issuer = new TokenIssuer(folder, privateKey);
    const request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const names = ["-subj", "/CN=issuer", "-addext", "subjectAltName=IP:127.0.0.1"];
    await readCommand([...request, ...names, "-keyout", join(folder, "key"), "-out", join(folder, "certificate")]);
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: KEY_ID, use: "sig", alg: "RS256" };
    writeFileSync(join(folder, "keys.json"), JSON.stringify({ keys: [jwk] }));
    const certificateAuthority = readFileSync(join(folder, "certificate"), "utf8");
    const config = {
      apiVersion: "apiserver.config.k8s.io/v1beta1",
      kind: "AuthenticationConfiguration",
      jwt: [
        {
          issuer: { url: ISSUER, audiences: [audience], certificateAuthority },
          claimValidationRules: [{ claim: "ref", requiredValue: "main" }],
          claimMappings: { username: { claim: "sub", prefix: "ci:" } },
        },
      ],
    };
    writeFileSync(issuer.authenticationConfig, JSON.stringify(config));
    return issuer;
  }

  /** Answers in the cluster's network from now on. */
  async serve(cluster: Cluster): Promise<void> {
    const script = [import.meta.resolve("tsx"), resolve(import.meta.dirname, "token-server.ts")];
    const files = [join(this.#folder, "certificate"), join(this.#folder, "key"), String(PORT)];
    const node = [process.execPath, "--import", ...script, ...files, join(this.#folder, "keys.json")];
    const [program = "", ...args] = [...cluster.inNetwork, ...node];
    const server = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#server = server;
    await once(server.stdout, "data");
  }

  /** A token that is good from now on for so many seconds; none when they are negative. */
  issue({
    seconds,
    ...claims
  }: {
    readonly seconds: number;
    readonly sub: string;
    readonly aud: string;
    readonly ref: string;
  }): string {
    const now = Math.floor(Date.now() / 1000);
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const times = { iat: now - 60, nbf: now - 60, exp: now + seconds };
    const text = `${encode({ alg: "RS256", typ: "JWT", kid: KEY_ID })}.${encode({ iss: ISSUER, ...claims, ...times })}`;
    return `${text}.${createSign("RSA-SHA256").update(text).sign(this.#key, "base64url")}`;
  }

  close(): void {
    this.#server?.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
