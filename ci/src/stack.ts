import type { Service } from "@dagger.io/dagger";
import type { Config } from "./config.ts";
import type { Product } from "./product.ts";

/** The service that a person opens; what it needs starts with it. */
export function startFront(config: Config, product: Product): Service {
  const front = product.services.get(config.front);
  // readConfig has checked the name.
  if (front === undefined) throw new Error(`slipway.yaml has no service ${config.front}`);
  return front;
}
