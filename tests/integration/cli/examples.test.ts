import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../../../engine/src/cli/commands.ts";
import { runSlipway } from "../../support/run-slipway.ts";

/** Examples that are about another repository, write into this one, or take minutes. */
const NOT_HERE =
  /^(?:call test|check(?: manifests)?|develop.*|doctor|init --sdk.*|install .*|query .*|run .*|store (?:key|pack|prune|unpack).*|toolchain install.*|trace .*|uninstall .*|update.*|generate -y)$/;

const examples = suite("the examples in the help");

for (const { examples: lines } of COMMANDS) {
  for (const { line } of lines) {
    if (NOT_HERE.test(line)) continue;
    examples(`run as they stand: ${line}`, async () => {
      const { exitCode, stdout, stderr } = await runSlipway(".", line.split(" "));
      assert.is(exitCode, 0, stderr);
      assert.ok(stdout.length + stderr.length > 0);
    });
  }
}

examples.run();
