import { suite } from "uvu";
import * as assert from "uvu/assert";
import { describeContainerFailure } from "../../../../engine/src/run/start-failure.ts";

const failure = suite("a container that could not be started");

for (const code of [-12, 2]) {
  failure(`says that too few processes may run when its hook ends with ${code}`, () => {
    assert.match(
      describeContainerFailure(
        `executable path not specified\nerror executing hook \`/bin/busybox\` (exit code: ${code})\n`,
        1,
      ),
      /^the container could not be started: executable path not specified\nerror executing hook `\/bin\/busybox` \(exit code: -?\d+\): it cannot fork\n {2}to do: allow this user, .* to start more processes/,
    );
  });
}

failure("is told in the words of the runtime, or by its exit code", () => {
  assert.is(describeContainerFailure("mount: no\n", 1), "the container could not be started: mount: no");
  assert.is(describeContainerFailure("", 9), "the container could not be started: crun ended with exit code 9");
});

failure.run();
