/**
 * Slipway: the whole way from a commit to production, callable the same way on a laptop and in every CI.
 *
 * The checks take what they read as directories of their own, so that a change runs only what depends on it again.
 */
import {
  argument,
  type Container,
  check,
  type Directory,
  dag,
  type File,
  func,
  object,
  type Secret,
  type Service,
} from "@dagger.io/dagger";
import { runCheck, writeReport } from "./checks/check-report.ts";
import { integration } from "./checks/integration.ts";
import { lint } from "./checks/lint.ts";
import { manifests } from "./checks/manifests.ts";
import { unit } from "./checks/unit.ts";
import { type Config, readConfig } from "./config/schema.ts";
import { approve } from "./delivery/approve.ts";
import { prepareDelivery, readText } from "./delivery/open-delivery.ts";
import { promote } from "./delivery/promote.ts";
import { deploy, freeze, history, plan, rollback, status, thaw } from "./delivery/verbs.ts";
import { readCommit } from "./git/read-commit.ts";
import { startKafka } from "./product/kafka.ts";
import { assembleProduct } from "./product/product.ts";
import { startStack } from "./product/stack.ts";
import type { Release } from "./rollout/release.ts";
import { reportBuild, reportRelease } from "./service-images/build-report.ts";
import { type Destination, publishImages, writeRelease } from "./service-images/publish.ts";
import { buildImages, measureImage } from "./service-images/service-image.ts";
import type { Sources } from "./workspace.ts";

@object()
export class Slipway {
  /** Check types, format and rules of the whole repository. */
  @func()
  @check()
  async lint(
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The lock file and every package.json. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!package.json", "!package-lock.json", "!engine/package.json", "!services/*/package.json"],
    })
    packages: Directory,
    /** Everything that is written by hand. */
    @argument({
      defaultPath: "/",
      ignore: [
        "**/node_modules",
        "**/dist",
        "**/.git",
        "**/coverage",
        "**/*.md",
        "LICENSE",
        "ci/sdk",
        "tests/conformance/golden",
      ],
    })
    source: Directory,
  ): Promise<string> {
    return await lint(await read(config), { packages, source }).stdout();
  }

  /** Run the tests that need nothing but Node. */
  @func()
  @check()
  async unit(
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The lock file and every package.json. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!package.json", "!package-lock.json", "!engine/package.json", "!services/*/package.json"],
    })
    packages: Directory,
    /** The code and its unit tests. */
    @argument({
      defaultPath: "/",
      ignore: [
        "**/node_modules",
        "**/dist",
        "**/.git",
        "**/coverage",
        "**/*.md",
        "!docs/api-coverage.md",
        "!docs/architecture.md",
        "!docs/errors.md",
        "!docs/slipway-yaml.md",
        "LICENSE",
        "ci/sdk",
        "tests/cluster",
        "tests/e2e",
        "tests/integration",
      ],
    })
    source: Directory,
  ): Promise<string> {
    return await unit(await read(config), { packages, source }).stdout();
  }

  /** Run the whole product with a real Kafka broker, and compare its results with the data that went in. */
  @func()
  @check()
  async integration(
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The lock file and every package.json. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!package.json", "!package-lock.json", "!engine/package.json", "!services/*/package.json"],
    })
    packages: Directory,
    /** The services and the tests that drive them. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!tsconfig*.json", "!services", "!tests/integration/product", "**/node_modules", "**/dist"],
    })
    source: Directory,
  ): Promise<string> {
    return await (await integration(await read(config), { packages, source })).stdout();
  }

  /** Put the manifests of every ring together as a deploy does it, and hold them to the rules. Asks no cluster. */
  @func()
  @check()
  async manifests(
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The manifests: a folder for each ring. */
    @argument({ defaultPath: "/", ignore: ["**", "!manifests"] }) source: Directory,
  ): Promise<string> {
    return await manifests(await read(config), source);
  }

  /** Run every check side by side and report; all of them to their end, also when one fails. */
  @func()
  async test(
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The lock file and every package.json. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!package.json", "!package-lock.json", "!engine/package.json", "!services/*/package.json"],
    })
    packages: Directory,
    /** What `lint` reads. */
    @argument({
      defaultPath: "/",
      ignore: [
        "**/node_modules",
        "**/dist",
        "**/.git",
        "**/coverage",
        "**/*.md",
        "LICENSE",
        "ci/sdk",
        "tests/conformance/golden",
      ],
    })
    lintSource: Directory,
    /** What `unit` reads. */
    @argument({
      defaultPath: "/",
      ignore: [
        "**/node_modules",
        "**/dist",
        "**/.git",
        "**/coverage",
        "**/*.md",
        "!docs/api-coverage.md",
        "!docs/architecture.md",
        "!docs/errors.md",
        "!docs/slipway-yaml.md",
        "LICENSE",
        "ci/sdk",
        "tests/cluster",
        "tests/e2e",
        "tests/integration",
      ],
    })
    unitSource: Directory,
    /** What `integration` reads. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!tsconfig*.json", "!services", "!tests/integration/product", "**/node_modules", "**/dist"],
    })
    integrationSource: Directory,
    /** What `manifests` reads. */
    @argument({ defaultPath: "/", ignore: ["**", "!manifests"] }) manifestsSource: Directory,
  ): Promise<string> {
    const settings = await read(config);
    const outcomes = await Promise.all([
      runCheck("lint", () => lint(settings, { packages, source: lintSource }).stdout()),
      runCheck("unit", () => unit(settings, { packages, source: unitSource }).stdout()),
      runCheck("integration", async () =>
        (await integration(settings, { packages, source: integrationSource })).stdout(),
      ),
      runCheck("manifests", () => manifests(settings, manifestsSource)),
    ]);
    const report = writeReport(outcomes);
    const failed = outcomes.find(({ error }) => error !== undefined);
    if (failed === undefined) return report;
    console.error(report);
    // As it came: an error of its own would lose the command's output and exit code on the way to the caller.
    throw failed.error;
  }

  /** Build the images of the services, and say size, layers and digest of each. */
  @func()
  async build(
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The lock file and every package.json. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!package.json", "!package-lock.json", "!engine/package.json", "!services/*/package.json"],
    })
    packages: Directory,
    /** The services. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!tsconfig*.json", "!services", "**/node_modules", "**/dist"],
    })
    source: Directory,
    /** The commit, out of .git. Without the configuration there, which may hold tokens. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!.git/HEAD", "!.git/packed-refs", "!.git/shallow", "!.git/refs", "!.git/objects"],
    })
    commits: Directory,
    /** Only this service. */
    service?: string,
  ): Promise<string> {
    const sources = { packages, source };
    const commit = await readCommit(commits, sources);
    const built = [...(await buildImages(await read(config), sources, commit, service))];
    const facts = await Promise.all(built.map(async ([name, image]) => [name, await measureImage(image)] as const));
    return reportBuild(new Map(facts), commit);
  }

  /** Build the image of one service, to look into it or to export it. */
  @func()
  async image(
    /** The service, as slipway.yaml names it. */
    service: string,
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The lock file and every package.json. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!package.json", "!package-lock.json", "!engine/package.json", "!services/*/package.json"],
    })
    packages: Directory,
    /** The services. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!tsconfig*.json", "!services", "**/node_modules", "**/dist"],
    })
    source: Directory,
    /** The commit, out of .git. Without the configuration there, which may hold tokens. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!.git/HEAD", "!.git/packed-refs", "!.git/shallow", "!.git/refs", "!.git/objects"],
    })
    commits: Directory,
  ): Promise<Container> {
    const sources = { packages, source };
    const built = await buildImages(await read(config), sources, await readCommit(commits, sources), service);
    // buildImages has refused a service that there is not.
    return built.get(service) ?? dag.container();
  }

  /** Build all images, send them to a registry, and say by which digest each is there. */
  @func({ cache: "never" })
  async publish(
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The lock file and every package.json. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!package.json", "!package-lock.json", "!engine/package.json", "!services/*/package.json"],
    })
    packages: Directory,
    /** The services. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!tsconfig*.json", "!services", "**/node_modules", "**/dist"],
    })
    source: Directory,
    /** The commit, out of .git. Without the configuration there, which may hold tokens. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!.git/HEAD", "!.git/packed-refs", "!.git/shallow", "!.git/refs", "!.git/objects"],
    })
    commits: Directory,
    /** Registry, with a folder if it has any: docker.io/NAME, 127.0.0.1:5000. By default the one in slipway.yaml. */
    registry?: string,
    /** The user that pushes. Together with the password. */
    username?: string,
    /** Password or access token: env:VARIABLE, file:PATH, cmd:COMMAND. */
    password?: Secret,
  ): Promise<string> {
    return reportRelease(await makeRelease(config, { packages, source }, commits, { registry, username, password }));
  }

  /**
   * Publish, and give the release file for `deploy`.
   *
   * `dagger call release -o release.json` writes it. What is in the registry already is not sent again.
   */
  @func({ cache: "never" })
  async release(
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The lock file and every package.json. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!package.json", "!package-lock.json", "!engine/package.json", "!services/*/package.json"],
    })
    packages: Directory,
    /** The services. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!tsconfig*.json", "!services", "**/node_modules", "**/dist"],
    })
    source: Directory,
    /** The commit, out of .git. Without the configuration there, which may hold tokens. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!.git/HEAD", "!.git/packed-refs", "!.git/shallow", "!.git/refs", "!.git/objects"],
    })
    commits: Directory,
    /** Registry, with a folder if it has any: docker.io/NAME, 127.0.0.1:5000. By default the one in slipway.yaml. */
    registry?: string,
    /** The user that pushes. Together with the password. */
    username?: string,
    /** Password or access token: env:VARIABLE, file:PATH, cmd:COMMAND. */
    password?: Secret,
  ): Promise<File> {
    const published = await makeRelease(config, { packages, source }, commits, { registry, username, password });
    console.error(reportRelease(published));
    return dag.directory().withNewFile("release.json", writeRelease(published)).file("release.json");
  }

  /** Say which writes a deploy would make in a ring, in order, and make none. */
  @func({ cache: "never" })
  async plan(
    /** The ring, as slipway.yaml names it. */
    ring: string,
    /** The release file that `release` made. */
    release: File,
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** A folder for each ring, in which kustomize finds what the ring needs. */
    @argument({ defaultPath: "/manifests" }) manifests: Directory,
    /** The commits, out of .git: which is newer. Without the configuration there, which may hold tokens. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!.git/HEAD", "!.git/packed-refs", "!.git/shallow", "!.git/refs", "!.git/objects"],
    })
    commits: Directory,
    /** The cluster and who may do this there: file:PATH, env:VARIABLE. Or give the parts, below. */
    kubeconfig?: Secret,
    /** Address of the API server: https://HOST:PORT. */
    server?: string,
    /** Token of an account of the cluster: env:VARIABLE, file:PATH. */
    token?: Secret,
    /** The certificate authority of the API server, PEM. */
    certificateAuthority?: File,
    /** An API server on this machine's loopback, which containers do not see: tcp://127.0.0.1:6443. */
    cluster?: Service,
    /** Signed approvals, as the command writes them that `approve` prints. */
    approvals?: File,
    /** Why; it would go into the ledger. */
    reason?: string,
  ): Promise<string> {
    const access = { kubeconfig, server, token, certificateAuthority, cluster };
    const delivery = await prepareDelivery(await read(config), access, { manifests, commits });
    return await plan(delivery, ring, await release.contents(), { approvals: await readText(approvals), reason });
  }

  /**
   * Bring a release into a ring: the idle colour comes up and is checked, gets the traffic, and has to prove itself.
   *
   * Killed at any point, the same call goes on from there; called again at the end, it writes nothing.
   */
  @func({ cache: "never" })
  async deploy(
    /** The ring, as slipway.yaml names it. */
    ring: string,
    /** The release file that `release` made. */
    release: File,
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** A folder for each ring, in which kustomize finds what the ring needs. */
    @argument({ defaultPath: "/manifests" }) manifests: Directory,
    /** The commits, out of .git: which is newer. Without the configuration there, which may hold tokens. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!.git/HEAD", "!.git/packed-refs", "!.git/shallow", "!.git/refs", "!.git/objects"],
    })
    commits: Directory,
    /** The cluster and who may do this there: file:PATH, env:VARIABLE. Or give the parts, below. */
    kubeconfig?: Secret,
    /** Address of the API server: https://HOST:PORT. */
    server?: string,
    /** Token of an account of the cluster: env:VARIABLE, file:PATH. */
    token?: Secret,
    /** The certificate authority of the API server, PEM. */
    certificateAuthority?: File,
    /** An API server on this machine's loopback, which containers do not see: tcp://127.0.0.1:6443. */
    cluster?: Service,
    /** Signed approvals, as the command writes them that `approve` prints. */
    approvals?: File,
    /** Why; it goes into the ledger. */
    reason?: string,
  ): Promise<string> {
    const access = { kubeconfig, server, token, certificateAuthority, cluster };
    const delivery = await prepareDelivery(await read(config), access, { manifests, commits });
    return await deploy(delivery, ring, await release.contents(), { approvals: await readText(approvals), reason });
  }

  /** Bring the release that has proved itself in one ring into the next one: the same images, nothing is built. */
  @func({ cache: "never" })
  async promote(
    /** The ring where it runs. */
    from: string,
    /** The ring that comes after it. */
    to: string,
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** A folder for each ring, in which kustomize finds what the ring needs. */
    @argument({ defaultPath: "/manifests" }) manifests: Directory,
    /** The commits, out of .git: which is newer. Without the configuration there, which may hold tokens. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!.git/HEAD", "!.git/packed-refs", "!.git/shallow", "!.git/refs", "!.git/objects"],
    })
    commits: Directory,
    /** The cluster and who may do this there: file:PATH, env:VARIABLE. Or give the parts, below. */
    kubeconfig?: Secret,
    /** Address of the API server: https://HOST:PORT. */
    server?: string,
    /** Token of an account of the cluster: env:VARIABLE, file:PATH. */
    token?: Secret,
    /** The certificate authority of the API server, PEM. */
    certificateAuthority?: File,
    /** An API server on this machine's loopback, which containers do not see: tcp://127.0.0.1:6443. */
    cluster?: Service,
    /** Signed approvals, as the command writes them that `approve` prints. */
    approvals?: File,
    /** Why; it goes into the ledger. */
    reason?: string,
  ): Promise<string> {
    const access = { kubeconfig, server, token, certificateAuthority, cluster };
    const delivery = await prepareDelivery(await read(config), access, { manifests, commits });
    return await promote(delivery, { from, to }, { approvals: await readText(approvals), reason });
  }

  /** Move the traffic of a ring back to the release before, or take down the one under way. Works from any machine. */
  @func({ cache: "never" })
  async rollback(
    /** The ring, as slipway.yaml names it. */
    ring: string,
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The cluster and who may do this there: file:PATH, env:VARIABLE. Or give the parts, below. */
    kubeconfig?: Secret,
    /** Address of the API server: https://HOST:PORT. */
    server?: string,
    /** Token of an account of the cluster: env:VARIABLE, file:PATH. */
    token?: Secret,
    /** The certificate authority of the API server, PEM. */
    certificateAuthority?: File,
    /** An API server on this machine's loopback, which containers do not see: tcp://127.0.0.1:6443. */
    cluster?: Service,
    /** Why; it goes into the ledger. */
    reason?: string,
  ): Promise<string> {
    const access = { kubeconfig, server, token, certificateAuthority, cluster };
    return await rollback(await prepareDelivery(await read(config), access), ring, reason);
  }

  /** Let nothing move in a ring until it is thawed. A rollback still works. */
  @func({ cache: "never" })
  async freeze(
    /** The ring, as slipway.yaml names it. */
    ring: string,
    /** Why; it goes into the ledger. */
    reason: string,
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The cluster and who may do this there: file:PATH, env:VARIABLE. Or give the parts, below. */
    kubeconfig?: Secret,
    /** Address of the API server: https://HOST:PORT. */
    server?: string,
    /** Token of an account of the cluster: env:VARIABLE, file:PATH. */
    token?: Secret,
    /** The certificate authority of the API server, PEM. */
    certificateAuthority?: File,
    /** An API server on this machine's loopback, which containers do not see: tcp://127.0.0.1:6443. */
    cluster?: Service,
  ): Promise<string> {
    const access = { kubeconfig, server, token, certificateAuthority, cluster };
    return await freeze(await prepareDelivery(await read(config), access), ring, reason);
  }

  /** Let a frozen ring move again. */
  @func({ cache: "never" })
  async thaw(
    /** The ring, as slipway.yaml names it. */
    ring: string,
    /** Why; it goes into the ledger. */
    reason: string,
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The cluster and who may do this there: file:PATH, env:VARIABLE. Or give the parts, below. */
    kubeconfig?: Secret,
    /** Address of the API server: https://HOST:PORT. */
    server?: string,
    /** Token of an account of the cluster: env:VARIABLE, file:PATH. */
    token?: Secret,
    /** The certificate authority of the API server, PEM. */
    certificateAuthority?: File,
    /** An API server on this machine's loopback, which containers do not see: tcp://127.0.0.1:6443. */
    cluster?: Service,
  ): Promise<string> {
    const access = { kubeconfig, server, token, certificateAuthority, cluster };
    return await thaw(await prepareDelivery(await read(config), access), ring, reason);
  }

  /** Say of all rings what is live, since when, whether it is well, and what is idle. */
  @func({ cache: "never" })
  async status(
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The cluster and who may do this there: file:PATH, env:VARIABLE. Or give the parts, below. */
    kubeconfig?: Secret,
    /** Address of the API server: https://HOST:PORT. */
    server?: string,
    /** Token of an account of the cluster: env:VARIABLE, file:PATH. */
    token?: Secret,
    /** The certificate authority of the API server, PEM. */
    certificateAuthority?: File,
    /** An API server on this machine's loopback, which containers do not see: tcp://127.0.0.1:6443. */
    cluster?: Service,
  ): Promise<string> {
    const access = { kubeconfig, server, token, certificateAuthority, cluster };
    return await status(await prepareDelivery(await read(config), access));
  }

  /** Say what has happened in a ring: its ledger. */
  @func({ cache: "never" })
  async history(
    /** The ring, as slipway.yaml names it. */
    ring: string,
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The cluster and who may do this there: file:PATH, env:VARIABLE. Or give the parts, below. */
    kubeconfig?: Secret,
    /** Address of the API server: https://HOST:PORT. */
    server?: string,
    /** Token of an account of the cluster: env:VARIABLE, file:PATH. */
    token?: Secret,
    /** The certificate authority of the API server, PEM. */
    certificateAuthority?: File,
    /** An API server on this machine's loopback, which containers do not see: tcp://127.0.0.1:6443. */
    cluster?: Service,
  ): Promise<string> {
    const access = { kubeconfig, server, token, certificateAuthority, cluster };
    return await history(await prepareDelivery(await read(config), access), ring);
  }

  /** Print the statement by which a person lets a release into a ring, and the command that signs it. */
  @func({ cache: "never" })
  async approve(
    /** The ring, as slipway.yaml names it. */
    ring: string,
    /** The release file that `release` made. */
    release: File,
    /** Who approves, as the list of approvers names them. */
    approver: string,
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The commits, out of .git: whose approvals count. Without the configuration there, which may hold tokens. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!.git/HEAD", "!.git/packed-refs", "!.git/shallow", "!.git/refs", "!.git/objects"],
    })
    commits: Directory,
    /** The cluster and who may do this there: file:PATH, env:VARIABLE. Or give the parts, below. */
    kubeconfig?: Secret,
    /** Address of the API server: https://HOST:PORT. */
    server?: string,
    /** Token of an account of the cluster: env:VARIABLE, file:PATH. */
    token?: Secret,
    /** The certificate authority of the API server, PEM. */
    certificateAuthority?: File,
    /** An API server on this machine's loopback, which containers do not see: tcp://127.0.0.1:6443. */
    cluster?: Service,
    /** Why; it is signed as well. */
    reason?: string,
    /** Reject the release instead. A rejection wins over all approvals. */
    reject?: boolean,
  ): Promise<string> {
    const access = { kubeconfig, server, token, certificateAuthority, cluster };
    const delivery = await prepareDelivery(await read(config), access, { commits });
    const by = { approver, reason, reject: reject ?? false };
    return await approve(delivery, ring, await release.contents(), by);
  }

  /**
   * Start a Kafka broker, empty at every start.
   *
   * Bound as `kafka` it answers at kafka:9092. After `dagger call kafka up` it answers at localhost:9094.
   */
  @func()
  kafka(): Service {
    return startKafka();
  }

  /**
   * Start the whole product: broker, services and dashboard.
   *
   * `dagger call stack up` serves each service under `front` of slipway.yaml at its port of localhost, and
   * `dagger call stack up --ports 8080:8080` only the one at 8080.
   */
  @func()
  async stack(
    /** slipway.yaml. */
    @argument({ defaultPath: "/slipway.yaml" }) config: File,
    /** The lock file and every package.json. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!package.json", "!package-lock.json", "!engine/package.json", "!services/*/package.json"],
    })
    packages: Directory,
    /** The services. */
    @argument({
      defaultPath: "/",
      ignore: ["**", "!tsconfig*.json", "!services", "**/node_modules", "**/dist"],
    })
    source: Directory,
  ): Promise<Service> {
    const settings = await read(config);
    return startStack(settings, await assembleProduct(settings, { packages, source }));
  }
}

async function read(config: File): Promise<Config> {
  return readConfig(await config.contents());
}

async function makeRelease(config: File, sources: Sources, commits: Directory, to: Destination): Promise<Release> {
  const settings = await read(config);
  const commit = await readCommit(commits, sources);
  return await publishImages(settings, await buildImages(settings, sources, commit), commit, to);
}
