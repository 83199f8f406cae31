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

/** Go: a program on a bare Debian, without libraries of C unless a module is one. */
export const go: Language = {
  name: "go",
  detect: detectGo,
  install: (project, files) => installInto(openTool(project), TOP, project, files, project.install),
  shippedOn: () => images.debian,
  build: async (project, files, service) => {
    const main = chooseMain(project, service).value;
    const flags = ["-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="];
    const isOfC = project.cgo !== undefined;
    // A compiler of C makes programs for the platform that it runs on.
    const tool = openTool(project, isOfC ? service.platform : undefined);
    const installed = installInto(tool, TOP, project, files, project.install);
    const sources = addSources(installed, project, files);
    const program = (isOfC ? sources : aimAt(sources, service.platform))
      .withEnvVariable("CGO_ENABLED", isOfC ? "1" : "0")
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

function openTool({ image }: Project, platform?: string): Container {
  return openOn(platform)
    .from(image.value)
    .withMountedCache("/go/pkg/mod", dag.cacheVolume("slipway-go-modules"))
    .withMountedCache("/root/.cache/go-build", dag.cacheVolume("slipway-go-build"))
    .withEnvVariable("GOMODCACHE", "/go/pkg/mod")
    .withEnvVariable("GOCACHE", "/root/.cache/go-build")
    .withEnvVariable("CI", "true");
}
