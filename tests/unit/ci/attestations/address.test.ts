import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withoutCredentials } from "../../../../ci/src/attestations/address.ts";

const address = suite("the address of a repository");

address("is written without user, password, query and fragment", () => {
  const told = {
    "https://example.org/acme/shop": "https://example.org/acme/shop",
    "https://me:tok@example.org/acme/shop.git": "https://example.org/acme/shop.git",
    "https://ghp_token@example.org/acme/shop": "https://example.org/acme/shop",
    "https://me:p@ss@example.org:8443/acme/shop": "https://example.org:8443/acme/shop",
    "HTTPS://me:tok@example.org/a": "HTTPS://example.org/a",
    "https://example.org/acme/shop?private_token=abc": "https://example.org/acme/shop",
    "https://example.org/acme/shop#token=abc": "https://example.org/acme/shop",
    "https://me:tok@example.org": "https://example.org",
    "https://me:tok@example.org?a=b": "https://example.org",
    "https://example.org/acme/@scope/shop": "https://example.org/acme/@scope/shop",
    "ssh://git@example.org:22/acme/shop": "ssh://example.org:22/acme/shop",
    "ssh://me:tok@example.org/acme/shop": "ssh://example.org/acme/shop",
    "git@example.org:acme/shop.git": "example.org:acme/shop.git",
    "me:tok@example.org:acme/shop.git": "example.org:acme/shop.git",
    " https://me:tok@example.org/a ": "https://example.org/a",
  };
  for (const [given, wanted] of Object.entries(told)) assert.is(withoutCredentials(given), wanted, given);
});

address("never holds the password, whatever stands in it, and stays as it is once it holds none", () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9@:._~!$&'()*+,;=%-]{0,12}$/);
  fc.assert(
    fc.property(fc.constantFrom("https", "http", "ssh", "git+https"), word, word, (scheme, user, password) => {
      const given = `${scheme}://${user}:SECRET${password}@example.org/acme/shop`;
      const told = withoutCredentials(given);
      assert.is(told, `${scheme}://example.org/acme/shop`);
      assert.is(withoutCredentials(told), told);
    }),
  );
});

address.run();
