/** The verbs as a person calls them, in front of two rings whose clusters are models. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { STATEMENT_TYPE } from "../../../../ci/src/attestations/envelope.ts";
import { describeProvenance } from "../../../../ci/src/attestations/provenance.ts";
import { writeStatement } from "../../../../ci/src/attestations/statement.ts";
import { approve } from "../../../../ci/src/delivery/approve.ts";
import { metrics } from "../../../../ci/src/delivery/metrics.ts";
import { planOffline, requireRelease } from "../../../../ci/src/delivery/plan-offline.ts";
import { promote } from "../../../../ci/src/delivery/promote.ts";
import { deploy, freeze, history, plan, rollback, status, thaw } from "../../../../ci/src/delivery/verbs.ts";
import { type Release, tellRelease } from "../../../../ci/src/rollout/release.ts";
import { settingsOf } from "../config/found.ts";
import { foundObjects, releaseOf } from "../rollout/fixtures.ts";
import { ModelCluster } from "../rollout/model-cluster.ts";
import { NOTHING, RULES, refusalOf, settingsWith, World } from "./two-rings.ts";

const verbs = suite("a verb");

verbs("asks the cluster nothing about a ring that there is not", async () => {
  const world = new World();
  const delivery = world.delivery();
  const file = JSON.stringify(releaseOf(1));
  const by = { approver: "ada", reason: undefined, reject: false };
  const calls = [
    () => deploy(delivery, "prod", file, NOTHING),
    () => plan(delivery, "prod", file, NOTHING),
    () => promote(delivery, { from: "canary", to: "prod" }, NOTHING),
    () => promote(delivery, { from: "prod", to: "production" }, NOTHING),
    () => rollback(delivery, "prod", undefined),
    () => freeze(delivery, "prod", "x"),
    () => history(delivery, "prod"),
    () => metrics(delivery, "prod", {}),
    () => approve(delivery, "prod", file, by),
  ];
  for (const call of calls) {
    const { code, message } = await refusalOf(call());
    assert.is(code, "no-such-ring");
    assert.is(
      message,
      'there is no ring "prod"; the rings are canary, production; perhaps production was meant [no-such-ring]\n  where: rings of slipway.yaml\n  to do: use one of them, or add it there',
    );
  }
  assert.equal(world.calls, []);
});

verbs("brings the release that is live in one ring into the next: the same digests", async () => {
  const world = new World();
  const [first] = (await world.deploy(releaseOf(1))).split("\n");
  assert.is(first, `${releaseOf(1).id.slice(0, 10)} (commit 0000000) is live in ring canary`);
  const report = await promote(world.delivery(), { from: "canary", to: "production" }, NOTHING);
  assert.is(report.split("\n")[0], `${releaseOf(1).id.slice(0, 10)} (commit 0000000) is live in ring production`);
  assert.match(report, new RegExp(`registry.example/ingest@${releaseOf(1).services["ingest"]?.digest}`));
  assert.match(await history(world.delivery(), "production"), / committed /);
});

verbs("is planned without a cluster as it is planned for an empty ring", async () => {
  const world = new World();
  const file = JSON.stringify(releaseOf(1));
  const online = await plan(world.delivery(), "canary", file, NOTHING);
  world.calls.length = 0;
  const { kubectl: _, ...offline } = world.delivery();
  const made = { release: file, placeholders: [] };
  assert.is(
    await planOffline(offline, "canary", made, NOTHING),
    `${online}
taken for granted: no cluster was asked; namespace canary exists, and has nothing of these services in it
`,
  );
  const imagined = { release: releaseOf(1), placeholders: ["digest of ingest: known later"] };
  const late = (await planOffline(offline, "production", imagined, NOTHING)).split("\n");
  assert.match(late[0] ?? "", /^deploy a release of these files to ring production: \d+ writes$/);
  assert.equal(late.slice(-4), [
    "taken for granted: no cluster was asked; namespace production exists, and has nothing of these services in it",
    "taken for granted: ring canary has verified the release",
    "placeholder: digest of ingest: known later",
    "",
  ]);
  assert.equal(world.calls, []);
});

verbs("is planned without a cluster only for a ring that there is, and without approvals", async () => {
  const { kubectl: _, ...offline } = new World().delivery();
  const made = { release: JSON.stringify(releaseOf(1)), placeholders: [] };
  assert.is((await refusalOf(planOffline(offline, "prod", made, NOTHING))).code, "no-such-ring");
  const spoilt = { ...made, release: "{}" };
  assert.is((await refusalOf(planOffline(offline, "canary", spoilt, NOTHING))).code, "bad-release");
  assert.is(
    (await refusalOf(planOffline(offline, "canary", made, { ...NOTHING, approvals: "" }))).message,
    "--approvals is given together with --offline, which assumes that the release is approved [bad-arguments]\n  where: plan\n  to do: leave one of them out",
  );
  assert.throws(
    () => requireRelease(undefined),
    /^--release is missing \[bad-arguments\]\n {2}where: plan\n {2}to do: give the file that `release -o release.json` writes, or --offline for a plan without it$/,
  );
});

/** The same two rings, each in a namespace of another name. */
const ELSEWHERE = settingsWith(
  `canary: { ${RULES}, namespace: acme-early }`,
  `production: { ${RULES}, namespace: acme, after: canary }`,
);

verbs("works in the namespace that the ring has, in every verb, and nowhere else", async () => {
  const world = new World({ "acme-early": new ModelCluster(), acme: new ModelCluster() }, ELSEWHERE);
  const delivery = world.delivery();
  const file = JSON.stringify(releaseOf(1));
  const planned = await plan(delivery, "canary", file, NOTHING);
  assert.match(planned, /^deploy r-\w+ \(commit 0000000\) to ring canary: \d+ writes\n/);
  await world.deploy(releaseOf(1));
  await promote(delivery, { from: "canary", to: "production" }, NOTHING);
  await world.deploy(releaseOf(2));
  await promote(delivery, { from: "canary", to: "production" }, NOTHING);
  await freeze(delivery, "production", "a party");
  await thaw(delivery, "production", "it is over");
  assert.match(await rollback(delivery, "production", "it smells"), /is live in ring production; it smells/);
  assert.match(await history(delivery, "production"), /rolled-back +r-1da8a0d4 .* it smells/);
  const [, early, late] = (await status(delivery)).split("\n");
  assert.match(early ?? "", /^canary \(acme-early\) +r-1da8a0d4 +green /);
  assert.match(late ?? "", /^production \(acme\) +r-\w+ +blue /);
  const named = world.calls.flatMap((call) => /(?:--namespace=|namespaces\/)([^\s/]+)/.exec(call)?.[1] ?? []);
  assert.equal([...new Set(named)].sort(), ["acme", "acme-early"]);
});

verbs("is refused in a namespace that is another ring's", async () => {
  const shared = new ModelCluster();
  const first = new World({ canary: shared });
  await first.deploy(releaseOf(1));
  const moved = settingsOf(
    {},
    `
services:
  ingest: { port: 8080, build: { image: registry.example.org/ingest:1 } }
  processor: { port: 8081, build: { image: registry.example.org/processor:1 } }
rings: { early: { namespace: canary, ${RULES} } }
`,
  );
  const second = new World({ canary: shared }, moved);
  shared.writes = [];
  const file = JSON.stringify(releaseOf(2));
  const expected = `the namespace of ring early already belongs to ring canary, according to its record [bad-record]
  where: ConfigMap slipway-head
  to do: give ring early a namespace of its own in slipway.yaml, or call it canary there`;
  const calls = [
    () => second.deploy(releaseOf(2), "early"),
    () => rollback(second.delivery(), "early", undefined),
    () => freeze(second.delivery(), "early", "x"),
    () => thaw(second.delivery(), "early", "x"),
  ];
  for (const call of calls) assert.is((await refusalOf(call())).message, `${expected}\n0 writes`);
  assert.match((await refusalOf(plan(second.delivery(), "early", file, NOTHING))).message, /belongs to ring canary/);
  assert.equal(shared.writes, []);
});

verbs("promotes only along the order of the rings", async () => {
  const { code, message } = await refusalOf(
    promote(new World().delivery(), { from: "production", to: "canary" }, NOTHING),
  );
  assert.is(code, "bad-arguments");
  assert.is(
    message,
    "ring canary is the first one, so nothing is promoted to it from ring production [bad-arguments]\n  where: rings of slipway.yaml\n  to do: deploy --ring canary",
  );
});

verbs("promotes nothing that has not passed its bake, or was taken back", async () => {
  const world = new World();
  const expected =
    "no release is verified and live in ring canary [not-verified]\n  where: ledger of ring canary\n  to do: deploy one there and let it pass the bake: deploy --ring canary --release FILE";
  const refused = () => refusalOf(promote(world.delivery(), { from: "canary", to: "production" }, NOTHING));
  assert.is((await refused()).message, expected);
  await world.deploy(releaseOf(1));
  await world.deploy(releaseOf(2));
  await rollback(world.delivery(), "canary", "it smells");
  world.release = releaseOf(1);
  const report = await promote(world.delivery(), { from: "canary", to: "production" }, NOTHING);
  assert.match(report, releaseOf(1).id.slice(0, 10));
});

verbs("that is blocked ends with the step's code, once and behind its first line", async () => {
  const world = new World();
  await world.deploy(releaseOf(2));
  for (const call of [
    () => world.deploy(releaseOf(1)),
    () => plan(world.delivery(), "canary", JSON.stringify(releaseOf(1)), NOTHING),
  ]) {
    world.release = releaseOf(1);
    const { code, message } = await refusalOf(call());
    assert.is(code, "not-newer");
    assert.is(message.split("[not-newer]").length, 2, message);
    assert.match(message, /which is live in ring canary \[not-newer\]\n {2}where: ring canary\n/);
  }
});

verbs("whose release does not make it ends with the report, and says that it failed", async () => {
  const world = new World();
  await world.deploy(releaseOf(1));
  world.clusters["canary"]?.behaviours.set(releaseOf(2).services["ingest"]?.digest ?? "", "lacks-secret");
  const { code, message } = await refusalOf(world.deploy(releaseOf(2)));
  assert.is(code, "failed");
  assert.match(message, /^r-\w{8} \(commit 0000000\) failed in ring canary \[failed\]\n {4}the candidate cannot/);
  assert.match(message, /\n\d+ writes$/);
});

verbs("shows the rings that can be read, and fails with the cluster's code when none can", async () => {
  const world = new World();
  await world.deploy(releaseOf(1));
  world.closed.add("production");
  const table = await status(world.delivery());
  assert.match(table, /\ncanary +r-\w{8} /);
  assert.match(table, /\nproduction +\? +not read\n/);
  world.closed.add("canary");
  const { code, message } = await refusalOf(status(world.delivery()));
  assert.is(code, "cluster-unauthorised");
  assert.match(message, /\ncanary: the cluster did not list .* \[cluster-unauthorised\]\n/);
});

verbs("needs a list of approvers to approve", async () => {
  const by = { approver: "ada", reason: undefined, reject: false };
  const { code, message } = await refusalOf(
    approve(new World().delivery(), "canary", JSON.stringify(releaseOf(1)), by),
  );
  assert.is(code, "bad-signers");
  assert.match(message, /^there is no list of those who may approve \[bad-signers\]\n/);
});

verbs("takes a ring over that kubectl has made, brings the release on, and gives the ring back", async () => {
  const settings = settingsWith(`canary: { ${RULES}, strategy: rolling }`, `production: { ${RULES}, after: canary }`);
  const [canary, production] = [new ModelCluster(), new ModelCluster()];
  for (const object of foundObjects(releaseOf(1)))
    canary.execute({ purpose: "apply-base", summary: "", call: "create", manager: "slipway", object });
  for (let ticks = 0; ticks < 8; ticks += 1) canary.tick();
  const world = new World({ canary, production }, settings);
  const image = () => JSON.stringify(canary.get("Deployment", "ingest")?.["spec"]).includes("@sha256:");
  world.release = releaseOf(2);
  const planned = await plan(world.delivery(), "canary", JSON.stringify(releaseOf(2)), NOTHING);
  assert.match(planned, /keep what Deployment ingest is\n/);
  assert.match(planned, /wait for all pods to be ready\n/);
  assert.ok(!image());
  assert.match(await world.deploy(releaseOf(2)), /is live in ring canary\n/);
  assert.ok(image());
  assert.ok(world.calls.some((call) => call.startsWith("get ") && call.includes(" --show-managed-fields")));
  assert.match(
    await status(world.delivery()),
    /canary +r-1da8a0d4 +in place +0000000 .* ok +can go back to what was found\n/,
  );
  await promote(world.delivery(), { from: "canary", to: "production" }, NOTHING);
  assert.match(await status(world.delivery()), /production +r-1da8a0d4 +blue /);
  assert.match(await rollback(world.delivery(), "canary", undefined), /^nothing is live in ring canary; /);
  assert.ok(!image());
  assert.match(await status(world.delivery()), /canary +nothing/);
});

verbs("plans without a cluster for a ring whose Deployments are changed in place", async () => {
  const settings = settingsWith(`canary: { ${RULES}, strategy: rolling }`);
  const world = new World({ canary: new ModelCluster() }, settings);
  const report = await planOffline(
    world.delivery(),
    "canary",
    { release: JSON.stringify(releaseOf(1)), placeholders: [] },
    NOTHING,
  );
  assert.match(report, /create Deployment ingest without pods\n/);
  assert.match(report, /change Deployment ingest to r-/);
  assert.equal(world.calls, []);
});

/** Rings of which the second one looks at what images carry. */
const DEMANDING = settingsWith(
  `canary: { ${RULES} }`,
  `production: { ${RULES}, attestations: { provenance: required } }`,
);

/** What `publish` hangs on an image of a release. */
function provenanceFor(release: Release, service: string) {
  const { name = "", digest = "" } = release.services[service] ?? {};
  const { commit } = release;
  const origin = { service, commit, source: undefined, platforms: [], bases: [] };
  const text = writeStatement({ name, digest }, "provenance", describeProvenance(origin));
  return { digest: `sha256:${"1".repeat(64)}`, type: STATEMENT_TYPE, text };
}

verbs("brings a release whose images lack what the ring demands nowhere, and says all of it at once", async () => {
  const world = new World(undefined, DEMANDING);
  const file = JSON.stringify(releaseOf(1));
  await deploy(world.delivery(), "canary", file, NOTHING);
  const short = (service: string) => releaseOf(1).services[service]?.digest.slice(0, 19);
  world.calls.splice(0);
  const refused = await refusalOf(deploy(world.delivery(), "production", file, NOTHING));
  const said = (
    ingest: string,
    processor: string,
  ) => `the images of ${tellRelease(releaseOf(1))} lack attestations that ring production requires: [not-attested]
  ingest, registry.example/ingest@${short("ingest")}: ${ingest}
  processor, registry.example/processor@${short("processor")}: ${processor}
  where: rings.production.attestations of slipway.yaml, and the registry
  to do: publish the commit again, with the --signing-key of somebody in the list if the ring requires signatures; existing attestations stay`;
  assert.is(
    refused.message.replace(/:? \[not-attested\]:?/, ": [not-attested]"),
    said("it carries no provenance", "it carries no provenance"),
  );
  assert.equal(
    world.calls.filter((call) => !call.startsWith("get ")),
    [],
  );
  assert.is((await refusalOf(plan(world.delivery(), "production", file, NOTHING))).message, refused.message);
  world.hanging = { refused: "registry.example does not answer: no such host" };
  const unread = await refusalOf(deploy(world.delivery(), "production", file, NOTHING));
  assert.is(
    unread.message.replace(/:? \[not-attested\]:?/, ": [not-attested]"),
    said("registry.example does not answer: no such host", "registry.example does not answer: no such host"),
  );
  // What was made for one service says nothing of another one.
  world.hanging = { found: [provenanceFor(releaseOf(1), "ingest")] };
  const other = await refusalOf(deploy(world.delivery(), "production", file, NOTHING));
  assert.not.match(other.message, "ingest, registry");
  assert.match(other.message, 'it is about another image; its service is "ingest", not "processor"');
});

verbs(
  "brings a release whose images carry what the ring demands, and says so in the plan and of the ring",
  async () => {
    const world = new World(undefined, DEMANDING);
    const release = releaseOf(1);
    const file = JSON.stringify(release);
    world.hanging = { found: [provenanceFor(release, "ingest"), provenanceFor(release, "processor")] };
    assert.match(await plan(world.delivery(), "production", file, NOTHING), /\nits images carry provenance\n$/);
    assert.match(await deploy(world.delivery(), "production", file, NOTHING), "is live");
    assert.match(await status(world.delivery()), "\nproduction: accepts only images that carry provenance\n");
    // The way back asks no registry.
    world.hanging = { refused: "registry.example does not answer" };
    assert.match(
      await rollback(world.delivery(), "production", "x"),
      /is live in ring production; there is no release to go/,
    );
    const { kubectl: _, ...offline } = world.delivery();
    const planned = await planOffline(offline, "production", { release, placeholders: [] }, NOTHING);
    assert.match(planned, "\ntaken for granted: its images carry provenance\n");
  },
);

verbs(
  "reads the list of signers only where a signature is demanded, and says what for when there is none",
  async () => {
    const signed = `attestations: { sbom: signed, signers: [ci@acme.example] }`;
    const world = new World(undefined, settingsWith(`canary: { ${RULES}, ${signed} }`));
    const refused = await refusalOf(deploy(world.delivery(), "canary", JSON.stringify(releaseOf(1)), NOTHING));
    assert.is(
      refused.message,
      `there is no list of those who may sign for images [bad-signers]
  where: .slipway/allowed_signers on branch main of the repository
  to do: for whoever publishes mkdir -p .slipway && echo "NAME namespaces=\\"slipway-attestation@v1\\" $(cat ~/.ssh/id_ed25519.pub)" >> .slipway/allowed_signers (ssh-keygen -t ed25519 makes a key), and commit it on branch main`,
    );
  },
);

verbs.run();
