import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findRing } from "../../../../ci/src/config/find-ring.ts";

const ring = suite("a ring that slipway.yaml does not name");

ring("is to be added where there is no other one to use instead", () => {
  assert.throws(
    () => findRing({ rings: {} }, "prod"),
    (error: Error) => {
      assert.is(
        error.message,
        'there is no ring "prod"; slipway.yaml names none [no-such-ring]\n  where: rings of slipway.yaml\n  to do: add it there; slipway init proposes rings',
      );
      return true;
    },
  );
});

ring.run();
