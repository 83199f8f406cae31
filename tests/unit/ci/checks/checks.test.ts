import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Checkout } from "../../../../ci/src/checkout/checkout.ts";
import { check } from "../../../../ci/src/checks/checks.ts";
import { readOwnSettings } from "../../../support/own-settings.ts";

const one = suite("one check");

one("of a name that there is not is refused, and no command repeats that", async () => {
  const told: string[] = [];
  const before = console.error;
  console.error = (text: string) => void told.push(text);
  try {
    const checkout = { settings: readOwnSettings(), remarks: ["a remark"] };
    const refused = await check(checkout as unknown as Checkout, "unti").then(
      () => "",
      (error: Error) => error.message,
    );
    assert.match(refused, "perhaps unit was meant [no-such-check]");
  } finally {
    console.error = before;
  }
  assert.equal(told, []);
});

one.run();
