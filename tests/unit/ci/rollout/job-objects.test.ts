/** A Job of the cluster: what it may say itself, how its state is read, and how it goes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kubectlCall } from "../../../../ci/src/rollout/action.ts";
import { readHints } from "../../../../ci/src/rollout/hints.ts";
import { listUnfit } from "../../../../ci/src/rollout/job-manifest.ts";
import { jobSchema, readJobState } from "../../../../ci/src/rollout/job-state.ts";
import { deleteJob } from "../../../../ci/src/rollout/job-writes.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { RING } from "./fixtures.ts";
import { ring } from "./job-runs.ts";

const jobs = suite("Jobs in the cluster");

jobs("leave to their release when they start and when they go", () => {
  const spec = { suspend: false, ttlSecondsAfterFinished: 0, manualSelector: true, backoffLimit: 3 };
  assert.equal(
    listUnfit(spec).map(({ field }) => field),
    ["suspend", "ttlSecondsAfterFinished", "manualSelector"],
  );
  assert.equal(listUnfit({ backoffLimit: 3 }), []);
});

jobs("read their state as Kubernetes tells it", () => {
  const state = (job: object, events: readonly object[] = []) => {
    const metadata = { name: "migrate-1", resourceVersion: "1" };
    return readJobState(jobSchema.parse({ metadata, ...job }), readHints(events));
  };
  const condition = (type: string, more = {}) => ({ status: { conditions: [{ type, status: "True", ...more }] } });
  const suspended = { spec: { suspend: true } };
  assert.is(state(suspended).progress, "waiting");
  assert.is(state({ ...suspended, ...condition("Suspended") }).progress, "waiting");
  assert.is(state({}).progress, "running");
  // On the way to its end: its pods are still there.
  assert.is(state(condition("FailureTarget", { reason: "BackoffLimitExceeded" })).progress, "running");
  assert.is(state(condition("SuccessCriteriaMet")).progress, "running");
  assert.is(state(condition("Complete")).progress, "succeeded");
  const late = { reason: "DeadlineExceeded", message: "Job was active longer than specified deadline" };
  assert.equal(state(condition("Failed", late)), { progress: "failed", isEnding: false, failedPods: 0, trouble: late });
  const event = {
    kind: "Event",
    type: "Warning",
    reason: "FailedCreate",
    message: "exceeded quota",
    involvedObject: { kind: "Job", name: "migrate-1" },
    metadata: {},
  };
  const { reason, message } = state({}, [event]).trouble ?? {};
  assert.equal([reason, message], ["FailedCreate", "exceeded quota"]);
  assert.is(state({ status: { active: 1 } }, [event]).trouble, undefined);
  assert.is(state({ metadata: { name: "a", deletionTimestamp: "2026-01-01T00:00:00Z" } }).isEnding, true);
});

jobs("are deleted with their pods", () => {
  const world = ring();
  const { jobs: seen } = observe(world.cluster.items());
  const [job] = seen.values();
  assert.ok(job !== undefined);
  const { args, stdin } = kubectlCall(deleteJob(job), RING);
  assert.equal(args, ["delete", `--raw=/apis/batch/v1/namespaces/${RING}/jobs/${job.name}`, "--filename=-"]);
  assert.equal(JSON.parse(stdin), {
    apiVersion: "v1",
    kind: "DeleteOptions",
    preconditions: { resourceVersion: job.resourceVersion },
    propagationPolicy: "Foreground",
  });
});

jobs.run();
