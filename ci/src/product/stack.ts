import { dag, type Service } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import type { Checkout } from "../checkout/checkout.ts";
import type { Settings } from "../config/settings.ts";
import { images } from "../tool-images.ts";
import { type GatewayTask, gatewayScript } from "./gateway-script.ts";
import { Product } from "./product.ts";

/** Where the page is that says what runs, when no service has a port. */
const PAGE_PORT = 8080;

/**
 * One service with the ports that a person opens, each leading to one service of the product. Jobs run to their end before it is
 * there, workers run beside it. Where nobody has a port, there is a page that says what runs.
 *
 * @throws Error when there is nothing to start
 */
export async function startStack(checkout: Checkout): Promise<Service> {
  const { services } = checkout.settings;
  if (Object.keys(services).length === 0) {
    throw new SlipwayError("nothing-known", {
      what: "there is nothing to start: no service was found",
      where: "services of slipway.yaml, and what is found in the repository",
      todo: "name a service with its path under services of slipway.yaml",
    });
  }
  const task = planGateway(checkout.settings);
  const image = dag.container().from(images.nodeSlim).withUser("node");
  // Bound to all of them: a service that nothing is bound to would not start.
  let gateway = await new Product(checkout).bindAll(image, Object.keys(services));
  for (const port of [...Object.keys(task.targets).map(Number), ...(task.page === undefined ? [] : [task.page])])
    gateway = gateway.withExposedPort(port);
  return gateway.asService({ args: ["node", "-e", gatewayScript, JSON.stringify(task)] });
}

/** What the gateway of a stack does and says, once all that it is bound to has started. */
export function planGateway({ services, front }: Pick<Settings, "services" | "front">): GatewayTask {
  const targets = Object.fromEntries(
    Object.entries(front).map(([name, port]) => [port, { host: name, port: services[name]?.port ?? port }]),
  );
  const told = Object.entries(services).flatMap(([name, { kind }]) => {
    if (kind === "job") return [`job ${name} has succeeded`];
    return kind === "worker" ? [`worker ${name} runs`] : [];
  });
  if (Object.keys(targets).length > 0) return { targets, notes: told };
  return {
    targets,
    notes: [...told, `no service has a port: this is all that the stack says at port ${PAGE_PORT}`],
    page: PAGE_PORT,
  };
}
