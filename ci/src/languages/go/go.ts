import { type Container, dag } from "@dagger.io/dagger";
import { images } from "../../tool-images.ts";
import type { Language, Project } from "../language.ts";
import { addSources, chooseMain, finish, installInto, openOn, ship, TOP } from "../prepare.ts";
import { detectGo } from "./detect.ts";

/** Files that services read when they run, in folders as projects call them. */
const ASSETS = [
  "templates",
  "static",
  "public",
  "assets",
  "web",
  "views",
  "migrations",
  "config",
  "configs",
  "locales",
];

const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Go: a program without libraries of C, on a bare Debian. */
export const go: Language = {
  name: "go",
  detect: detectGo,
  install: (project, files) => installInto(openTool(project), TOP, project, files, project.install),
  build: async (project, files, service) => {
    const main = chooseMain(project, service).value;
    const flags = ["-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="];
    const sources = addSources(go.install(project, files), project, files);
    const program = aimAt(sources, service.platform)
      .withEnvVariable("CGO_ENABLED", "0")
      .withExec(["go", "build", ...flags, "-o", "/out/service", main])
      .file("/out/service");
    const assets = files(project.reads)
      .directory(project.path)
      .filter({ include: ASSETS.map((name) => `${name}/**`), exclude: ["**/*.go"] });
    // Debian's smallest image knows no authorities; the program asks others by TLS.
    const certificates = dag.container().from(project.image.value).file(CERTIFICATES);
    const all = dag
      .directory()
      .withDirectory("app", assets)
      .withFile("app/service", program)
      .withFile("app/certificates.crt", certificates);
    const image = ship(openOn(service.platform).from(images.debian), "/", all).withEnvVariable(
      "SSL_CERT_FILE",
      "/app/certificates.crt",
    );
    return finish(image, "/app", service, ["/app/service"]);
  },
};

/** Go compiles for any platform on any other. */
function aimAt(container: Container, platform: string | undefined): Container {
  if (platform === undefined) return container;
  const [system = "", architecture = "", variant = ""] = platform.split("/");
  const aimed = container.withEnvVariable("GOOS", system).withEnvVariable("GOARCH", architecture);
  return variant === "" ? aimed : aimed.withEnvVariable("GOARM", variant.replace(/^v/, ""));
}

function openTool({ image }: Project): Container {
  return dag
    .container()
    .from(image.value)
    .withMountedCache("/go/pkg/mod", dag.cacheVolume("slipway-go-modules"))
    .withMountedCache("/root/.cache/go-build", dag.cacheVolume("slipway-go-build"))
    .withEnvVariable("GOMODCACHE", "/go/pkg/mod")
    .withEnvVariable("GOCACHE", "/root/.cache/go-build")
    .withEnvVariable("CI", "true");
}
