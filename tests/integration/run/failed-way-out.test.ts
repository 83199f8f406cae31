import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Hub } from "../../../engine/src/run/hub.ts";
import { RunSandbox } from "../../support/run-sandbox.ts";

/** As where no process can be started for the one part, while the other is on its way. */
const failed = suite("a network whose way out cannot be opened");
const CAUSE = "no other process can be started";
const { openWayOut } = Hub.prototype;
let sandbox: RunSandbox;

failed.before(() => {
  Hub.prototype.openWayOut = async () => {
    throw new Error(CAUSE);
  };
  sandbox = new RunSandbox();
});
failed.after(async () => {
  await sandbox.close();
  Hub.prototype.openWayOut = openWayOut;
});

for (const role of ["function", "client", "service"] as const) {
  failed(`is told to a ${role} by its cause, and not by what became of it`, async () => {
    const said = await sandbox.network.lease(role).then(
      () => "nothing",
      ({ message }: Error) => message,
    );
    assert.is(said, CAUSE);
  });
}

failed.run();
