import type { File, Secret, Service } from "@dagger.io/dagger";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SlipwayError } from "../../../../ci/src/account.ts";
import { type Access, DaggerKubectl } from "../../../../ci/src/cluster/dagger-kubectl.ts";

const access = suite("the access to a cluster");

const NOTHING: Access = {
  kubeconfig: undefined,
  server: undefined,
  token: undefined,
  certificateAuthority: undefined,
  cluster: undefined,
};

/** What is refused is refused before anything of these is asked. */
const [secret, file, service] = [{} as Secret, {} as File, {} as Service];
const server = "https://k8s.example.com:6443";

const REFUSED: Readonly<Record<string, readonly [Partial<Access>, string]>> = {
  "without anything": [{}, "no cluster is given, and no account for it"],
  "with an address, but no account": [{ server }, "no cluster is given, and no account for it"],
  "with a kubeconfig and its parts": [
    { kubeconfig: secret, server, token: secret, certificateAuthority: file },
    "--kubeconfig is given together with --server, --token, --certificate-authority",
  ],
  "with a kubeconfig and one part": [
    { kubeconfig: secret, token: secret },
    "--kubeconfig is given together with --token",
  ],
  "with an account, but no address": [{ token: secret }, "--token is given without the cluster's address"],
  "with two addresses": [
    { token: secret, server, cluster: service },
    "--server and --cluster both say where the cluster is",
  ],
  "with an address that is none": [{ token: secret, server: "k8s.example.com" }, '--server is "k8s.example.com"'],
};

for (const [how, [given, what]] of Object.entries(REFUSED))
  access(`is refused ${how}`, async () => {
    const error: unknown = await DaggerKubectl.connect({ ...NOTHING, ...given }).catch((caught: unknown) => caught);
    assert.instance(error, SlipwayError);
    assert.is((error as SlipwayError).message.split("\n")[0], `${what} [bad-arguments]`);
  });

access.run();
