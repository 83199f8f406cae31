import { dag, ReturnType, type Secret } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import { requireSecret } from "../input/given-secret.ts";
import { ATTESTATION_NAMESPACE } from "../rollout/approval/allowed-key.ts";
import { fingerprint } from "../rollout/approval/ssh-key.ts";
import { readSshSignature } from "../rollout/approval/ssh-signature.ts";
import { MalformedError } from "../rollout/approval/ssh-wire.ts";
import { images } from "../tool-images.ts";
import { encodeForSigning, type Signature } from "./envelope.ts";

const KEY = "/run/slipway/key";
const TEXT = "/tmp/text";
/** Memory: a key must not come onto a disk. */
const MEMORY = "/run/memory";

/**
 * Signs by ssh-keygen. A key that came by a variable may have lost its last newline, or have those of Windows, and
 * ssh-keygen takes neither.
 */
const SCRIPT = `
set -eu
umask 077
tr -d '\\r' <${KEY} >${MEMORY}/key
echo >>${MEMORY}/key
exec ssh-keygen -Y sign -f ${MEMORY}/key -n ${ATTESTATION_NAMESPACE} ${TEXT} </dev/null
`;

/** Signs statements with an SSH key, as approvals are signed. */
export class DaggerSigner {
  readonly #key: Secret;

  private constructor(key: Secret) {
    this.#key = key;
  }

  /** @throws SlipwayError `bad-arguments` when the key cannot be read */
  static async open(key: Secret): Promise<DaggerSigner> {
    await requireSecret("--signing-key", key);
    return new DaggerSigner(key);
  }

  /** @throws SlipwayError `not-signed` with the words of ssh-keygen */
  async sign(statement: string): Promise<Signature> {
    const exec = dag
      .container()
      .from(images.node)
      .withMountedSecret(KEY, this.#key)
      .withMountedTemp(MEMORY)
      .withNewFile(TEXT, encodeForSigning(statement))
      .withExec(["sh", "-c", SCRIPT], { expect: ReturnType.Any });
    if ((await exec.exitCode()) !== 0) throw refuseKey((await exec.stderr()).trim());
    const armoured = await exec.file(`${TEXT}.sig`).contents();
    try {
      return { keyid: fingerprint(readSshSignature(armoured).key), armoured };
    } catch (error) {
      throw error instanceof MalformedError ? refuseKey(error.message) : error;
    }
  }
}

function refuseKey(words: string): SlipwayError {
  return new SlipwayError("not-signed", {
    what: `the key cannot sign: ${words}`,
    where: "--signing-key",
    todo: "give an OpenSSH private key without a passphrase; ssh-keygen -t ed25519 -N '' -f FILE creates one",
  });
}
