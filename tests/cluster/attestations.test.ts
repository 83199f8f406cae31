import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AttestedRepository } from "./attested-repository.ts";
import { tellCall } from "./call-slipway.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { startReferrersRegistry } from "./referrers-registry.ts";

// A ring that takes only what carries signed provenance and a signed SBOM, with images of real registries: one that lists
// them by the referrers API of OCI 1.1, and one that knows no such thing.
const attestations = suite("a ring that demands attestations");

const rings = { referrers: `referrers-${process.pid}`, tags: `tags-${process.pid}` };
const registries = { referrers: "127.0.0.1:5001", tags: "" };

let cluster: Cluster;
let repository: AttestedRepository;

attestations.before(async () => {
  cluster = await startCluster({ half: "node" });
  registries.tags = cluster.registry;
  await startReferrersRegistry(cluster, registries.referrers);
  for (const ring of Object.values(rings)) await cluster.readKubectl(["create", "namespace", ring]);
  repository = await AttestedRepository.make(cluster, Object.values(rings));
});

attestations.after(async () => {
  repository?.close();
  for (const ring of Object.values(rings)) await cluster?.kubectl(["delete", "namespace", ring, "--wait=false"]);
  await cluster?.close();
});

type Form = keyof typeof rings;

async function deploy(form: Form, file: string) {
  const args = ["deploy", `--ring=${rings[form]}`, `--release=${file}`];
  const result = await repository.call(registries[form], ...args);
  console.log(tellCall(args, result, repository.files));
  return result;
}

/** How many manifests the registry lists by the referrers API; undefined when it does not know that. */
async function countReferrers(form: Form, digest: string): Promise<number | undefined> {
  const url = `http://${registries[form]}/v2/shop/sample-front/referrers/${digest}`;
  const ask = `fetch("${url}").then(async (answer) => console.log(answer.ok ? (await answer.json()).manifests.length : "none"))`;
  const { stdout, stderr, exitCode } = await cluster.exec([process.execPath, "-e", ask]);
  assert.is(exitCode, 0, stderr);
  return stdout.trim() === "none" ? undefined : Number(stdout);
}

async function assertNothingIsThere(form: Form): Promise<void> {
  const found = await cluster.readKubectl(["--namespace", rings[form], "get", "deployments,services", "-o", "name"]);
  assert.is(found, "", "something was written");
}

const forms: readonly (readonly [form: Form, how: string])[] = [
  ["referrers", "a registry with the referrers API"],
  ["tags", "one that knows only tags"],
];

for (const [form, how] of forms) {
  attestations(`${how}: what nobody or somebody else has signed is refused, and nothing is written`, async () => {
    const unsigned = await repository.release(registries[form], undefined);
    const image = unsigned.release.services["front"];
    assert.is(await countReferrers(form, image?.digest ?? ""), form === "referrers" ? 2 : undefined);
    const nobody = await deploy(form, unsigned.file);
    assert.is(nobody.exitCode, 1, nobody.stderr);
    assert.match(nobody.stderr, `lack attestations that ring ${rings[form]} requires [not-attested]:`);
    assert.match(nobody.stderr, /its provenance does not hold\n +referrer sha256:[0-9a-f]{12}: nobody has signed it\n/);
    assert.match(nobody.stderr, /its SBOM does not hold\n +referrer sha256:[0-9a-f]{12}: nobody has signed it\n/);
    const wrong = await repository.release(registries[form], "mallory");
    assert.is(wrong.release.services["front"]?.digest, image?.digest, "the image is another one");
    const mallory = await deploy(form, wrong.file);
    assert.is(mallory.exitCode, 1, mallory.stderr);
    assert.match(mallory.stderr, /referrer sha256:[0-9a-f]{12}: .*SHA256:\S+ is not in the list of signers/);
    await assertNothingIsThere(form);
  });

  attestations(`${how}: the same image, signed by CI, is deployed, whatever else hangs there`, async () => {
    const { file, release } = await repository.release(registries[form], "ci");
    const done = await deploy(form, file);
    assert.is(done.exitCode, 0, done.stderr);
    assert.match(done.stdout, `${release.id.slice(0, 10)} (commit`);
    assert.match(done.stdout, "is live");
    const pods = await cluster.readKubectl([
      ...["--namespace", rings[form], "get", "pods", "-o", "jsonpath={.items[*].spec.containers[0].image}"],
    ]);
    assert.match(pods, `@${release.services["front"]?.digest}`);
  });
}

attestations.run();
