import { dag, type Service } from "@dagger.io/dagger";
import { type Config, serviceIn } from "../config/schema.ts";
import { images } from "../tool-images.ts";
import { gatewayScript, type Target } from "./gateway-script.ts";
import type { Product } from "./product.ts";

/** One service with the ports that a person opens, each leading to one service of the product. */
export function startStack(config: Config, product: Product): Service {
  const targets: Record<string, Target> = {};
  let gateway = dag.container().from(images.nodeSlim).withUser("node");
  // Bound to all of them: a service that nothing is bound to would not start.
  for (const [name, service] of product.services) gateway = gateway.withServiceBinding(name, service);
  for (const [name, port] of Object.entries(config.front)) {
    targets[port] = { host: name, port: serviceIn(config, name).port };
    gateway = gateway.withExposedPort(port);
  }
  return gateway.asService({ args: ["node", "-e", gatewayScript, JSON.stringify(targets)] });
}
