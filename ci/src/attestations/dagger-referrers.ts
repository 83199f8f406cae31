import { randomUUID } from "node:crypto";
import { SlipwayError } from "../account.ts";
import { requireSecret } from "../input/given-secret.ts";
import { openPrograms, runProgram } from "./dagger-programs.ts";
import { carryOutFile, type Done, type Task, type TextArtifact } from "./program/task.ts";
import type { Referrers, RegistryAccess } from "./referrers.ts";
import type { Subject } from "./statement.ts";

/** The name of a bound registry in the container. */
const ALIAS = "registry";
const TASK = "/tmp/task.json";
const PASSWORD = "/run/slipway/password";

/** Speaks to registries by a program in a container: Dagger has no call for what hangs on an image. */
export class DaggerReferrers implements Referrers {
  readonly #access: RegistryAccess;
  readonly #run = randomUUID();
  #calls = 0;

  constructor(access: RegistryAccess) {
    this.#access = access;
  }

  whyOutOfReach(image: string): string | undefined {
    const registry = image.split("/")[0] ?? image;
    const isOwn = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(registry);
    if (!isOwn || this.#access.service !== undefined) return undefined;
    return `containers cannot reach ${registry}; give --registry-service tcp://${registry} before the verb`;
  }

  async attach({ name, digest }: Subject, artifacts: readonly TextArtifact[]) {
    return await this.#carryOut({ image: name, digest, attach: artifacts });
  }

  async read({ name, digest }: Subject, types: readonly string[]) {
    return await this.#carryOut({ image: name, digest, read: types });
  }

  async #carryOut(task: Task): Promise<Done> {
    const why = this.whyOutOfReach(task.image);
    if (why !== undefined) return { refused: why };
    const { username, password, service } = this.#access;
    this.#calls += 1;
    let container = openPrograms()
      // A registry differs all the time; what an engine has run before it does not run again.
      .withEnvVariable("SLIPWAY_CALL", `${this.#run} ${this.#calls}`);
    let whole = username === undefined ? task : { ...task, username };
    if (service !== undefined) {
      container = container.withServiceBinding(ALIAS, service);
      whole = { ...whole, at: `http://${ALIAS}:${(await service.endpoint()).split(":").at(-1)}` };
    }
    if (password !== undefined) container = container.withMountedSecret(PASSWORD, password);
    container = container.withNewFile(TASK, JSON.stringify(whole));
    const files = password === undefined ? [TASK] : [TASK, PASSWORD];
    return await runProgram(container, "task.ts", carryOutFile, ...files);
  }
}

/** @throws SlipwayError `bad-arguments` when half of a login is given, or the password cannot be read */
export async function requireLogin({ username, password }: RegistryAccess): Promise<void> {
  if ((username === undefined) !== (password === undefined)) {
    const [given, missing] = username === undefined ? ["password", "username"] : ["username", "password"];
    throw new SlipwayError("bad-arguments", {
      what: `--registry-${given} is given without --registry-${missing}`,
      where: "the arguments before the verb, or their lines in .env",
      todo: "give both, or neither",
    });
  }
  await requireSecret("--registry-password", password);
}
