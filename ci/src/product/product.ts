import type { Container, Service } from "@dagger.io/dagger";
import type { Checkout } from "../checkout/checkout.ts";
import { environmentOf } from "../config/environment.ts";
import { ownValue } from "../input/names.ts";
import { buildService } from "../service-images/service-image.ts";
import { startBacking } from "./backing.ts";
import { runToEnd } from "./job.ts";
import { askOften, openAt, waitForOnly } from "./readiness.ts";

/** What needs services and backing services, and is told where they are: a service, or a check. */
export interface Consumer {
  readonly needs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The services and backing services of a repository, described but not started: each starts when something that is
 * bound to it starts, and all who are bound to it share it. Who is bound to a job starts when the job has ended well.
 */
export class Product {
  readonly #checkout: Checkout;
  readonly #known = new Map<string, Promise<Service>>();

  constructor(checkout: Checkout) {
    this.#checkout = checkout;
  }

  /** Binds a container to all that it needs, by their names, and tells it where they are. */
  async bind(container: Container, consumer: Consumer): Promise<Container> {
    const { settings } = this.#checkout;
    let bound = await this.bindAll(container, consumer.needs);
    for (const [variable, value] of Object.entries(environmentOf(consumer, settings)))
      bound = bound.withEnvVariable(variable, value);
    return bound;
  }

  /** Binds a container to services and backing services, by their names. */
  async bindAll(container: Container, names: readonly string[]): Promise<Container> {
    const services = await Promise.all(names.map(async (name) => [name, await this.start(name)] as const));
    return services.reduce((bound, [name, service]) => bound.withServiceBinding(name, service), container);
  }

  /** The service or backing service of a name. The settings have checked every name that they use. */
  async start(name: string): Promise<Service> {
    const known = this.#known.get(name) ?? this.#describe(name);
    this.#known.set(name, known);
    return await known;
  }

  async #describe(name: string): Promise<Service> {
    const { settings } = this.#checkout;
    const backing = ownValue(settings.backing, name);
    if (backing !== undefined) return await startBacking(this.#checkout, name, backing);
    const service = ownValue(settings.services, name);
    if (service === undefined) throw new Error(`${name} is needed, but unknown`);
    const bound = await this.bind(await buildService(this.#checkout, name), service);
    const { kind, port, build } = service;
    if (kind === "job") return await runToEnd(bound);
    const told = port === undefined ? bound : bound.withEnvVariable("PORT", String(port));
    // Images of the languages expose nothing and have no check: they need not be built to know that.
    const ready = "language" in build ? openAt(told, port) : await askOften(await waitForOnly(told, port));
    return ready.asService({ useEntrypoint: true });
  }
}
