import type { Secret } from "@dagger.io/dagger";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Checkout } from "../../../../ci/src/checkout/checkout.ts";
import { publishCommit } from "../../../../ci/src/service-images/images-of-commit.ts";

const publishing = suite("the images of a commit");

publishing(
  "are not published with a key to sign with where nothing would be signed: nothing is built for it",
  async () => {
    // It has no files: whoever reads any fails otherwise.
    const checkout = { settings: { images: { attestations: "off" } } } as unknown as Checkout;
    const destination = { registry: "127.0.0.1:5000", username: undefined, password: undefined };
    const signingKey = {} as Secret;
    try {
      await publishCommit(checkout, destination, { signingKey, registryService: undefined });
    } catch (error) {
      assert.is(
        (error as Error).message,
        `there is a key to sign with, but nothing to sign: images.attestations is off [bad-arguments]
  where: --signing-key
  to do: leave the key out, or remove images.attestations: off from slipway.yaml`,
      );
      return;
    }
    assert.unreachable("it was published");
  },
);

publishing.run();
