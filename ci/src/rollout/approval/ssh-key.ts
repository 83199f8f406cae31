import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { MalformedError, WireReader } from "./ssh-wire.ts";

const RSA_MIN_BITS = 2048;
// OpenSSH refuses bigger ones too (SSHBUF_MAX_BIGNUM); it keeps a forged key from costing minutes.
const RSA_MAX_BITS = 16_384;

/** A public key that may sign approvals. */
export interface SshKey {
  readonly type: "ssh-ed25519" | "sk-ssh-ed25519@openssh.com" | "ssh-rsa";
  readonly key: KeyObject;
  /** What a security key signs for (`ssh:`); empty for other keys. */
  readonly application: string;
  readonly bytes: Buffer;
}

/**
 * Reads a public key blob (RFC 4253 section 6.6, RFC 8709, OpenSSH PROTOCOL.u2f).
 *
 * @throws MalformedError for other bytes, other kinds of keys (ECDSA, DSA, certificates), and RSA below 2048 bits.
 */
export function readSshKey(blob: Buffer): SshKey {
  const reader = new WireReader(blob);
  const type = reader.text();
  switch (type) {
    case "ssh-ed25519":
    case "sk-ssh-ed25519@openssh.com": {
      const point = reader.string();
      if (point.length !== 32) throw new MalformedError(`an Ed25519 key has 32 bytes, not ${point.length}`);
      const application = type === "ssh-ed25519" ? "" : reader.string().toString("utf8");
      reader.end();
      return {
        type,
        key: importKey({ kty: "OKP", crv: "Ed25519", x: point.toString("base64url") }),
        application,
        bytes: blob,
      };
    }
    case "ssh-rsa": {
      const exponent = reader.positive();
      const modulus = reader.positive();
      reader.end();
      const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
      if (bits < RSA_MIN_BITS)
        throw new MalformedError(`an RSA key of ${bits} bits; at least ${RSA_MIN_BITS} are needed`);
      if (bits > RSA_MAX_BITS)
        throw new MalformedError(`an RSA key of ${bits} bits; at most ${RSA_MAX_BITS} are accepted`);
      const jwk = { kty: "RSA", n: modulus.toString("base64url"), e: exponent.toString("base64url") };
      return { type, key: importKey(jwk), application: "", bytes: blob };
    }
    default:
      throw new MalformedError(
        `keys of type ${type} are not accepted; use ssh-ed25519, sk-ssh-ed25519@openssh.com or ssh-rsa`,
      );
  }
}

/** `SHA256:…` as `ssh-keygen -l` prints it. */
export function fingerprint({ bytes }: SshKey): string {
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}

function importKey(jwk: { kty: string; crv?: string; x?: string; n?: string; e?: string }): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch (error) {
    throw new MalformedError(`not a key: ${error instanceof Error ? error.message : String(error)}`);
  }
}
