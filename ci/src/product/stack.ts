import { dag, type Service } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import type { Checkout } from "../checkout/checkout.ts";
import { images } from "../tool-images.ts";
import { gatewayScript, type Target } from "./gateway-script.ts";
import { Product } from "./product.ts";

/**
 * One service with the ports that a person opens, each leading to one service of the product. Workers run beside them;
 * jobs do not.
 *
 * @throws Error when there is nothing that a person could open
 */
export async function startStack(checkout: Checkout): Promise<Service> {
  const { services, front } = checkout.settings;
  if (Object.keys(front).length === 0) {
    throw new SlipwayError("nothing-known", {
      what: "there is nothing to open: no service has a port",
      where: "services and front of slipway.yaml, and what is found in the repository",
      todo: "give a service its port, or name it under front",
    });
  }
  const product = new Product(checkout);
  let gateway = dag.container().from(images.nodeSlim).withUser("node");
  // Bound to all of them: a service that nothing is bound to would not start.
  for (const [name, { kind }] of Object.entries(services))
    if (kind !== "job") gateway = gateway.withServiceBinding(name, await product.start(name));
  const targets: Record<string, Target> = {};
  for (const [name, port] of Object.entries(front)) {
    targets[port] = { host: name, port: services[name]?.port ?? port };
    gateway = gateway.withExposedPort(port);
  }
  return gateway.asService({ args: ["node", "-e", gatewayScript, JSON.stringify(targets)] });
}
