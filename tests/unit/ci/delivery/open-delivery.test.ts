import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Checkout } from "../../../../ci/src/checkout/checkout.ts";
import { openDelivery } from "../../../../ci/src/delivery/open-delivery.ts";
import { refusalOf, settingsWith } from "./two-rings.ts";

const opened = suite("the cluster of a verb");

const checkout = { settings: settingsWith("canary: {}", "production: { after: canary }") } as Checkout;
const NO_CLUSTER = {
  kubeconfig: undefined,
  server: undefined,
  token: undefined,
  certificateAuthority: undefined,
  cluster: undefined,
};
const NO_LOGIN = { username: undefined, password: undefined, service: undefined };
const open = (...rings: readonly string[]) => openDelivery(checkout, rings, NO_CLUSTER, NO_LOGIN).then(() => "");

opened("is not asked for while the name of a ring is mistyped", async () => {
  for (const rings of [["prodution"], ["canary", "prodution"]]) {
    const { code, message } = await refusalOf(open(...rings));
    assert.is(code, "no-such-ring");
    assert.match(
      message,
      /^there is no ring "prodution"; the rings are canary, production; perhaps production was meant /,
    );
  }
});

opened("is asked for when every ring is there, and when none is named", async () => {
  for (const rings of [["canary"], []]) {
    const { code, message } = await refusalOf(open(...rings));
    assert.is(code, "bad-arguments");
    assert.match(message, /^no cluster is given, and no account for it /);
  }
});

opened.run();
