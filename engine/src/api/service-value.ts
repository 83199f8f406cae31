import type { Command } from "./exec.ts";
import type { Obj } from "./graph.ts";
import type { ContainerValue } from "./values.ts";

/** What a service is made of. */
export type ServiceValue = ContainerService | HostService | TunnelService;

export interface ContainerService {
  readonly kind: "container";
  readonly container: ContainerValue;
  readonly command: Command;
  readonly hostname: string | undefined;
}

/** A port that leads to another one. */
export interface Forward {
  /** 0: any that is free. */
  readonly frontend: number;
  readonly backend: number;
  readonly protocol: string;
}

/** Something that listens on the machine of the caller. */
export interface HostService {
  readonly kind: "host";
  readonly host: string;
  readonly ports: readonly Forward[];
  readonly hostname: string | undefined;
}

/** A service that is made reachable on the machine of the caller. */
export interface TunnelService {
  readonly kind: "tunnel";
  readonly service: Obj;
  readonly ports: readonly Forward[];
  readonly hostname: undefined;
}
