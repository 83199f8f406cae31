import type { Container, Service } from "@dagger.io/dagger";
import { KAFKA } from "../config/names.ts";
import { type Config, serviceIn } from "../config/schema.ts";
import { buildService } from "../service-images/service-image.ts";
import type { Sources } from "../workspace.ts";
import { BROKERS, startKafka } from "./kafka.ts";

/** The whole product, described but not started: a service starts when something that is bound to it starts. */
export interface Product {
  readonly kafka: Service;
  /** The services of slipway.yaml by name. */
  readonly services: ReadonlyMap<string, Service>;
}

/** Puts the services of slipway.yaml together, each bound to what it needs. */
export async function assembleProduct(config: Config, sources: Sources): Promise<Product> {
  const kafka = startKafka();
  const services = new Map<string, Service>();
  const assemble = async (name: string): Promise<Service> => {
    const known = services.get(name);
    if (known !== undefined) return known;
    const settings = serviceIn(config, name);
    let container = await buildService(sources, config, name);
    for (const needed of settings.needs) {
      container =
        needed === KAFKA ? bindKafka(container, kafka) : bindService(container, config, needed, await assemble(needed));
    }
    for (const [variable, value] of Object.entries(settings.env))
      container = container.withEnvVariable(variable, value);
    const service = container.asService({ useEntrypoint: true });
    services.set(name, service);
    return service;
  };
  // One after the other, because they share what they have assembled.
  for (const name of Object.keys(config.services)) await assemble(name);
  return { kafka, services };
}

/** Binds a container to the broker and every service, and tells it the addresses: KAFKA_BROKERS, INGEST_URL, … */
export function bindProduct(container: Container, config: Config, product: Product): Container {
  let bound = bindKafka(container, product.kafka);
  for (const [name, service] of product.services) bound = bindService(bound, config, name, service);
  return bound;
}

function bindKafka(container: Container, kafka: Service): Container {
  return container.withServiceBinding(KAFKA, kafka).withEnvVariable("KAFKA_BROKERS", BROKERS);
}

function bindService(container: Container, config: Config, name: string, service: Service): Container {
  const variable = `${name.toUpperCase().replaceAll("-", "_")}_URL`;
  const address = `http://${name}:${serviceIn(config, name).port}`;
  return container.withServiceBinding(name, service).withEnvVariable(variable, address);
}
