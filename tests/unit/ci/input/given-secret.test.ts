import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SlipwayError } from "../../../../ci/src/account.ts";
import { requireSecret } from "../../../../ci/src/input/given-secret.ts";

const given = suite("a Secret that is given");

given("may be left out, and is otherwise read once", async () => {
  let times = 0;
  const secret = { plaintext: async () => String(++times) };
  await requireSecret("--token", undefined);
  await requireSecret("--token", secret);
  assert.is(times, 1);
});

given("and cannot be read is told by its argument, in the words of the engine", async () => {
  const secret = {
    plaintext: () => Promise.reject(new Error('failed to read secret file "/no": open /no: no such file')),
  };
  const refusal = await requireSecret("--kubeconfig", secret).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instance(refusal, SlipwayError);
  assert.is(
    (refusal as SlipwayError).message,
    `--kubeconfig cannot be read: failed to read secret file "/no": open /no: no such file [bad-arguments]
  where: the arguments of the call, or their lines in .env
  to do: give --kubeconfig as file:PATH of an existing file, as env:VARIABLE of an exported variable, or as cmd:COMMAND`,
  );
});

given.run();
