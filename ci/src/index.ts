/**
 * Slipway: the whole way from a commit to production, callable the same way on a laptop and in every CI.
 *
 * It works on the repository in which it is called. What the files there do not show is set in slipway.yaml.
 * `config` prints the result, and `explain` says where it comes from.
 */
import {
  type Changeset,
  type Container,
  check,
  type Directory,
  dag,
  type File,
  func,
  generate,
  object,
  type Secret,
  type Service,
  type Workspace,
} from "@dagger.io/dagger";
import { openCheckout } from "./checkout/checkout.ts";
import { checkIfThere, check as runCheck, test } from "./checks/checks.ts";
import { checkManifests } from "./checks/manifests.ts";
import { collectReports } from "./checks/reports.ts";
import { checkWorkflows, planWorkflows, proposeWorkflows } from "./checks/workflows.ts";
import { explain } from "./config/explain.ts";
import { writeConfig } from "./config/write-config.ts";
import { approve } from "./delivery/approve.ts";
import type { Delivery } from "./delivery/delivery.ts";
import { metrics } from "./delivery/metrics.ts";
import { openDelivery, openOffline } from "./delivery/open-delivery.ts";
import { planOffline, requireRelease } from "./delivery/plan-offline.ts";
import { promote } from "./delivery/promote.ts";
import { deploy, freeze, history, plan, rollback, status, thaw } from "./delivery/verbs.ts";
import { examine } from "./init/examine.ts";
import { noChanges, type Proposal, proposeInit } from "./init/init.ts";
import { startBackingNamed } from "./product/backing.ts";
import { startKafka } from "./product/kafka.ts";
import { startStack } from "./product/stack.ts";
import { type Published, reportBuild, reportRelease } from "./service-images/build-report.ts";
import { buildCommit, measureImages, publishCommit } from "./service-images/images-of-commit.ts";
import { imagineRelease } from "./service-images/imagined-release.ts";
import { type Destination, writeRelease } from "./service-images/publish.ts";
import { images } from "./tool-images.ts";

/** Takes this repository from a commit to production: its checks, images and deploys. */
@object()
export class Slipway {
  // How the verbs reach the cluster. Said once, before the verb, so that a line in .env serves all of them.
  private kubeconfig?: Secret;
  private server?: string;
  private token?: Secret;
  private certificateAuthority?: File;
  private cluster?: Service;
  // How verbs reach a registry, and what signs for images.
  private registryUsername?: string;
  private registryPassword?: Secret;
  private registryService?: Service;
  private signingKey?: Secret;

  constructor(
    /** Kubeconfig of an account with the rights for this call: file:PATH, env:VARIABLE. Or give the server, token and authority instead. */
    kubeconfig?: Secret,
    /** Address of the API server: https://HOST:PORT. */
    server?: string,
    /** Token of an account of the cluster: env:VARIABLE, file:PATH. */
    token?: Secret,
    /** The certificate authority of the API server, PEM. */
    certificateAuthority?: File,
    /** An API server on this machine's loopback, which containers cannot reach: tcp://127.0.0.1:6443. */
    cluster?: Service,
    /** User of the registry, for rings that check provenance and SBOM. Needs the password too. */
    registryUsername?: string,
    /** Password or access token of that user: env:VARIABLE, file:PATH. */
    registryPassword?: Secret,
    /** A registry on this machine's loopback, which containers cannot reach: tcp://127.0.0.1:5000. */
    registryService?: Service,
    /** An OpenSSH private key without a passphrase, which signs provenance and SBOM: file:PATH, env:VARIABLE. */
    signingKey?: Secret,
  ) {
    if (kubeconfig !== undefined) this.kubeconfig = kubeconfig;
    if (server !== undefined) this.server = server;
    if (token !== undefined) this.token = token;
    if (certificateAuthority !== undefined) this.certificateAuthority = certificateAuthority;
    if (cluster !== undefined) this.cluster = cluster;
    if (registryUsername !== undefined) this.registryUsername = registryUsername;
    if (registryPassword !== undefined) this.registryPassword = registryPassword;
    if (registryService !== undefined) this.registryService = registryService;
    if (signingKey !== undefined) this.signingKey = signingKey;
  }

  /**
   * Report what is in the repository, and write what is missing: slipway.yaml, dagger.json, manifests for two rings.
   *
   * Existing files are never overwritten. A second run changes nothing.
   */
  @func({ cache: "never" })
  async init(
    workspace: Workspace,
    /** Print the report only. */
    dryRun?: boolean,
  ): Promise<Changeset> {
    const { report, changes, next } = await proposeInit(workspace);
    console.error(`${report}${next}`);
    return dryRun === true ? noChanges() : changes;
  }

  /** Report what `init` would do, and write nothing: `proposal report`. */
  @func()
  async proposal(workspace: Workspace): Promise<Proposal> {
    return await proposeInit(workspace);
  }

  /** Report what would run here, in which images, what is missing, and how to get it. Runs none of it. Fails if something is missing. */
  @func({ cache: "never" })
  async doctor(workspace: Workspace): Promise<string> {
    return await examine(workspace, planWorkflows);
  }

  /** Print the configuration in effect, and where each value comes from. */
  @func()
  async config(workspace: Workspace): Promise<string> {
    return writeConfig((await openCheckout(workspace)).settings);
  }

  /** Explain how each value of a service, check, backing service or ring was chosen. */
  @func()
  async explain(
    workspace: Workspace,
    /** Name of the service, check, backing service or ring. */
    name: string,
  ): Promise<string> {
    return explain((await openCheckout(workspace)).settings, name);
  }

  /** Check types, format and lint rules with the repository's own commands. */
  @func()
  @check()
  async lint(workspace: Workspace): Promise<string> {
    return await checkIfThere(await openCheckout(workspace), "lint");
  }

  /** Run the unit tests: those that need no other service. */
  @func()
  @check()
  async unit(workspace: Workspace): Promise<string> {
    return await checkIfThere(await openCheckout(workspace), "unit");
  }

  /** Run the integration tests, with the services of the product and real brokers and databases. */
  @func()
  @check()
  async integration(workspace: Workspace): Promise<string> {
    return await checkIfThere(await openCheckout(workspace), "integration");
  }

  /** Render the manifests of every ring as a deploy does, and check them against the rules. Needs no cluster. */
  @func()
  @check()
  async manifests(workspace: Workspace): Promise<string> {
    return await checkManifests(await openCheckout(workspace));
  }

  /** Compare the committed CI files with what `workflows` would write. Fails with the difference. */
  @func()
  @check()
  async workflowsCurrent(workspace: Workspace): Promise<string> {
    return await checkWorkflows(await openCheckout(workspace));
  }

  /** Write the files of the CI systems that slipway.yaml names. `dagger generate` runs it too. A file that a person wrote is never overwritten. */
  @func({ cache: "never" })
  @generate()
  async workflows(workspace: Workspace): Promise<Changeset> {
    return await proposeWorkflows(workspace);
  }

  /** Run one check by its name. */
  @func()
  async check(
    /** Name of the check, as in slipway.yaml or `config`. */
    name: string,
    workspace: Workspace,
  ): Promise<string> {
    return await runCheck(await openCheckout(workspace), name);
  }

  /** Run all checks: first the fast ones in parallel, then, if they all pass, the slow ones. */
  @func()
  async test(workspace: Workspace): Promise<string> {
    return await test(await openCheckout(workspace));
  }

  /**
   * Run all checks as `test` does, and return the results as files: JUnit, coverage, annotations and a summary, even if checks fail.
   *
   * `dagger call reports -o reports && sh reports/verdict.sh` saves and prints them, and exits with the exit code of the checks.
   */
  @func({ cache: "never" })
  async reports(
    workspace: Workspace,
    /** Only this check. */
    name?: string,
    /** Run a check that failed in an earlier call again, as `test` does; otherwise its last results are returned. */
    again: boolean = false,
  ): Promise<Directory> {
    return await collectReports(await openCheckout(workspace), again ? "again" : "as-it-was", name);
  }

  /** Build the images of the services, and print the size, layers and digest of each. */
  @func()
  async build(
    workspace: Workspace,
    /** Only this service. */
    service?: string,
  ): Promise<string> {
    const built = await buildCommit(await openCheckout(workspace), service);
    return reportBuild(await measureImages(built.images), built.commit);
  }

  /** Build the image of one service, to inspect or export it. With several platforms, the image for the first one. */
  @func()
  async image(
    /** Name of the service, as in slipway.yaml or `config`. */
    service: string,
    workspace: Workspace,
  ): Promise<Container> {
    const built = await buildCommit(await openCheckout(workspace), service);
    // A service that there is not has been refused. Of several platforms it is the first one.
    return built.images.get(service)?.[0]?.container ?? dag.container();
  }

  /** Build all images, push them to a registry, and print the digest, tags and platforms of each. */
  @func({ cache: "never" })
  async publish(
    workspace: Workspace,
    /** Registry, with a folder if it has one: docker.io/NAME, 127.0.0.1:5000. By default the one in slipway.yaml. */
    registry?: string,
    /** User that pushes. Needs the password too. */
    username?: string,
    /** Password or access token: env:VARIABLE, file:PATH, cmd:COMMAND. */
    password?: Secret,
  ): Promise<string> {
    return reportRelease(await this.publishTo(workspace, { registry, username, password }));
  }

  /**
   * Publish, and return the release file that `deploy` takes.
   *
   * `dagger call release -o release.json` saves it. What the registry already has is not sent again.
   */
  @func({ cache: "never" })
  async release(
    workspace: Workspace,
    /** Registry, with a folder if it has one: docker.io/NAME, 127.0.0.1:5000. By default the one in slipway.yaml. */
    registry?: string,
    /** User that pushes. Needs the password too. */
    username?: string,
    /** Password or access token: env:VARIABLE, file:PATH, cmd:COMMAND. */
    password?: Secret,
  ): Promise<File> {
    const published = await this.publishTo(workspace, { registry, username, password });
    console.error(reportRelease(published));
    return dag.directory().withNewFile("release.json", writeRelease(published.release)).file("release.json");
  }

  /**
   * Print, in order, the writes that a deploy would make in a ring. Makes none of them.
   *
   * `--offline` asks no cluster and assumes an empty ring. Without a release file, placeholders stand for its digests.
   *
   * Name the cluster before the verb: `call --kubeconfig file:PATH plan …`, or once in .env: SLIPWAY_KUBECONFIG=file:PATH.
   */
  @func({ cache: "never" })
  async plan(
    workspace: Workspace,
    /** Name of the ring, as in slipway.yaml. */
    ring: string,
    /** Release file, as `call release -o release.json` writes it. Optional with --offline. */
    release?: File,
    /** Signed approvals: the file written by the command that `approve` prints. */
    approvals?: File,
    /** Reason, for the ledger. */
    reason?: string,
    /** Contact no cluster. The embedded engine then uses no network at all. Written before `plan`, the flag turns off the network and nothing else. */
    offline?: boolean,
  ): Promise<string> {
    const given = { approvals: await approvals?.contents(), reason };
    const text = await release?.contents();
    if (offline !== true) return await plan(await this.delivery(workspace, ring), ring, requireRelease(text), given);
    const checkout = await openCheckout(workspace);
    const made = text === undefined ? imagineRelease(checkout.settings) : { release: text, placeholders: [] };
    return await planOffline(openOffline(checkout), ring, made, given);
  }

  /**
   * Deploy a release to a ring: start it in the idle colour, check it, switch the traffic to it, and watch it during the bake.
   *
   * If it is killed, the same call continues from there. Called again at the end, it writes nothing.
   *
   * Name the cluster before the verb: `call --kubeconfig file:PATH deploy …`, or once in .env: SLIPWAY_KUBECONFIG=file:PATH.
   */
  @func({ cache: "never" })
  async deploy(
    workspace: Workspace,
    /** Name of the ring, as in slipway.yaml. */
    ring: string,
    /** Release file, as `call release -o release.json` writes it. */
    release: File,
    /** Signed approvals: the file written by the command that `approve` prints. */
    approvals?: File,
    /** Reason, for the ledger. */
    reason?: string,
  ): Promise<string> {
    const given = { approvals: await approvals?.contents(), reason };
    return await deploy(await this.delivery(workspace, ring), ring, await release.contents(), given);
  }

  /**
   * Deploy the release that is verified in one ring to the next ring. The images stay the same: nothing is built.
   *
   * Name the cluster before the verb: `call --kubeconfig file:PATH promote …`, or once in .env: SLIPWAY_KUBECONFIG=file:PATH.
   */
  @func({ cache: "never" })
  async promote(
    workspace: Workspace,
    /** Ring where it is verified. */
    from: string,
    /** Ring that comes after it. */
    to: string,
    /** Signed approvals: the file written by the command that `approve` prints. */
    approvals?: File,
    /** Reason, for the ledger. */
    reason?: string,
  ): Promise<string> {
    const given = { approvals: await approvals?.contents(), reason };
    return await promote(await this.delivery(workspace, from, to), { from, to }, given);
  }

  /**
   * Move the traffic of a ring back to the previous release, or stop the release under way. Works from any machine.
   *
   * Name the cluster before the verb: `call --kubeconfig file:PATH rollback …`, or once in .env: SLIPWAY_KUBECONFIG=file:PATH.
   */
  @func({ cache: "never" })
  async rollback(
    workspace: Workspace,
    /** Name of the ring, as in slipway.yaml. */
    ring: string,
    /** Reason, for the ledger. */
    reason?: string,
  ): Promise<string> {
    return await rollback(await this.delivery(workspace, ring), ring, reason);
  }

  /** Stop all changes in a ring until it is thawed. A rollback still works. */
  @func({ cache: "never" })
  async freeze(
    workspace: Workspace,
    /** Name of the ring, as in slipway.yaml. */
    ring: string,
    /** Reason, for the ledger. */
    reason: string,
  ): Promise<string> {
    return await freeze(await this.delivery(workspace, ring), ring, reason);
  }

  /** Allow changes in a frozen ring again. */
  @func({ cache: "never" })
  async thaw(
    workspace: Workspace,
    /** Name of the ring, as in slipway.yaml. */
    ring: string,
    /** Reason, for the ledger. */
    reason: string,
  ): Promise<string> {
    return await thaw(await this.delivery(workspace, ring), ring, reason);
  }

  /**
   * Show what is live in each ring, since when, whether it is healthy, and what is idle.
   *
   * Name the cluster before the verb: `call --kubeconfig file:PATH status …`, or once in .env: SLIPWAY_KUBECONFIG=file:PATH.
   */
  @func({ cache: "never" })
  async status(workspace: Workspace): Promise<string> {
    return await status(await this.delivery(workspace));
  }

  /** Print the ledger of a ring: what has happened there. */
  @func({ cache: "never" })
  async history(
    workspace: Workspace,
    /** Name of the ring, as in slipway.yaml. */
    ring: string,
  ): Promise<string> {
    return await history(await this.delivery(workspace, ring), ring);
  }

  /**
   * Print the four DORA metrics of a ring, from its ledger.
   *
   * They are change lead time, deployment frequency, change fail rate and failed deployment recovery time.
   */
  @func({ cache: "never" })
  async metrics(
    workspace: Workspace,
    /** Name of the ring, as in slipway.yaml. */
    ring: string,
    /** Count only deployments since this time: 30d (ago), 12h, 2026-01-31, 2026-01-31T12:00:00Z. By default since the first event of the ledger. */
    since?: string,
    /** `table` for a person, `openmetrics` for Prometheus or a Pushgateway, `json` for a script. */
    format?: string,
  ): Promise<string> {
    return await metrics(await this.delivery(workspace, ring), ring, { since, format: format ?? "table" });
  }

  /** Print the statement that a person signs to approve a release for a ring, and the command that signs it. */
  @func({ cache: "never" })
  async approve(
    workspace: Workspace,
    /** Name of the ring, as in slipway.yaml. */
    ring: string,
    /** Release file, as `call release -o release.json` writes it. */
    release: File,
    /** Name of the approver, as in the list of approvers. */
    approver: string,
    /** Reason; it is signed too. */
    reason?: string,
    /** Reject the release instead. A rejection wins over all approvals. */
    reject?: boolean,
  ): Promise<string> {
    const by = { approver, reason, reject: reject ?? false };
    return await approve(await this.delivery(workspace, ring), ring, await release.contents(), by);
  }

  /**
   * Start a Kafka broker that is empty at every start.
   *
   * Bound as `kafka` it answers at kafka:9092. After `dagger call kafka up` it answers at localhost:9094.
   */
  @func()
  kafka(): Service {
    return startKafka({ host: "kafka", image: images.kafka, env: {}, topics: {} });
  }

  /** Start one backing service of the repository, such as a broker or a database. */
  @func()
  async backing(
    /** Name of the backing service, as in slipway.yaml or `config`: postgres. */
    name: string,
    workspace: Workspace,
  ): Promise<Service> {
    return await startBackingNamed(await openCheckout(workspace), name);
  }

  /**
   * Start the whole product: services, brokers and databases.
   *
   * `dagger call stack up` serves each service under `front` of slipway.yaml at its port of localhost, and
   * `dagger call stack up --ports 8080:8080` only the one at 8080. Jobs run to their end first. Workers run too.
   * If no service has a port, a page at 8080 lists what runs.
   */
  @func()
  async stack(workspace: Workspace): Promise<Service> {
    return await startStack(await openCheckout(workspace));
  }

  private async publishTo(workspace: Workspace, { registry, username, password }: Destination): Promise<Published> {
    const { registryUsername, registryPassword, registryService, signingKey } = this;
    const isNamed = username !== undefined || password !== undefined;
    const login = isNamed ? { username, password } : { username: registryUsername, password: registryPassword };
    const means = { registryService, signingKey };
    return await publishCommit(await openCheckout(workspace), { registry, ...login }, means);
  }

  private async delivery(workspace: Workspace, ...rings: readonly string[]): Promise<Delivery> {
    const { kubeconfig, server, token, certificateAuthority, cluster } = this;
    const access = { kubeconfig, server, token, certificateAuthority, cluster };
    const { registryUsername: username, registryPassword: password, registryService: service } = this;
    return await openDelivery(await openCheckout(workspace), rings, access, { username, password, service });
  }
}
