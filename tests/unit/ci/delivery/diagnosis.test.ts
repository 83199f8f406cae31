/** What is shown of pods in trouble: what the cluster says of them, and why it does not say it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KubectlAnswer } from "../../../../ci/src/cluster/kubectl.ts";
import { tellPods } from "../../../../ci/src/delivery/diagnosis.ts";
import { LABEL } from "../../../../ci/src/rollout/objects.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { referTo } from "../../../../ci/src/rollout/release.ts";
import { releaseOf } from "../rollout/fixtures.ts";

const release = releaseOf(2);
const placement = { release, colours: { ingest: "green", processor: "green" }, verified: false } as const;

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a", resourceVersion: "1", labels: { [LABEL.service]: "ingest", [LABEL.colour]: "green" } },
  spec: { containers: [{ name: "ingest", image: referTo(release, "ingest") }] },
  status: { conditions: [{ type: "Ready", status: "False" }] },
};

async function tell(log: KubectlAnswer, events: KubectlAnswer): Promise<string[]> {
  const run = async (args: readonly string[]) => (args[0] === "logs" ? log : events);
  const seen = observe([pod]);
  return (await tellPods({ run }, "canary", { seen, placement, suspects: [] })).split("\n");
}

const diagnosis = suite("what is shown of a pod in trouble");

diagnosis(
  "is what one container says although another one has not started, and why the rest is not there",
  async () => {
    const log = {
      exitCode: 1,
      stdout: "listening\n",
      stderr: 'Error from server (BadRequest): container "proxy" in pod "a" is waiting to start: ContainerCreating\n',
    };
    const forbidden =
      'Error from server (Forbidden): events is forbidden: User "u" cannot list resource "events" in API group "" in the namespace "canary"';
    assert.equal((await tell(log, { exitCode: 1, stdout: "", stderr: `${forbidden}\n` })).slice(1), [
      "  events:",
      `    (could not be read: ${forbidden})`,
      "  log:",
      "    listening",
      '    (could not be read: Error from server (BadRequest): container "proxy" in pod "a" is waiting to start: ContainerCreating)',
    ]);
  },
);

diagnosis("is what the container says now where the one of before is gone already", async () => {
  const nothing = { exitCode: 0, stdout: "", stderr: "" };
  const gone = { ...nothing, stdout: "unable to retrieve container logs for containerd://15b3a85ee24a" };
  const logOf = async (now: KubectlAnswer) => {
    const run = async (args: readonly string[]) => {
      if (args[0] !== "logs") return { ...nothing, stdout: '{ "items": [] }' };
      return args.includes("--previous") ? gone : now;
    };
    const crashed = { ...pod, status: { ...pod.status, containerStatuses: [{ name: "ingest", restartCount: 1 }] } };
    const told = await tellPods({ run }, "canary", { seen: observe([crashed]), placement, suspects: [] });
    return told.split("\n").slice(2);
  };
  assert.equal(await logOf({ ...nothing, stdout: "no broker\n" }), ["  log:", "    no broker"]);
  assert.equal(await logOf(nothing), ["  log:", `    ${gone.stdout}`]);
});

diagnosis("is none where the cluster has nothing to say", async () => {
  const nothing = { exitCode: 0, stdout: "", stderr: "" };
  assert.equal((await tell(nothing, { ...nothing, stdout: '{ "items": [] }' })).slice(1), [
    "  events: none",
    "  log: none",
  ]);
});

diagnosis.run();
