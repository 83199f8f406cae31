import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adviceOnSsh } from "../../../../engine/src/store/ssh-refusals.ts";

const refusals = suite("advice where ssh refuses");

const FATAL = "fatal: Could not read from remote repository.\n";

for (const [said, advised] of [
  ["Host key verification failed.\r\n", "connect to it once with ssh"],
  [
    "No ED25519 host key is known for h and you have requested strict checking.\nHost key verification failed.\n",
    "once",
  ],
  [
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.\n",
    "ask whoever runs this host for its new key",
  ],
  ["git@h: Permission denied (publickey).\n", "ssh-add -l"],
  ["git@h: Permission denied (publickey,password).\n", "ssh-add -l"],
] as const) {
  refusals(`after ${JSON.stringify(said.split("\n")[0])} is to do something about the key`, () => {
    const advice = adviceOnSsh(said + FATAL);
    assert.match(advice, "\n  to do: ");
    assert.match(advice, advised);
  });
}

refusals("is none where something else is wrong", () => {
  assert.is(adviceOnSsh(`ssh: connect to host h port 22: Connection refused\n${FATAL}`), "");
  assert.is(adviceOnSsh("fatal: '/srv/x' does not appear to be a git repository\n"), "");
  assert.is(adviceOnSsh("rm: Permission denied\n"), "");
});

refusals.run();
