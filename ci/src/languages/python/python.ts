import { type Container, dag } from "@dagger.io/dagger";
import { pythonSlimImage } from "../../tool-images.ts";
import type { Files, Language, Project, ServiceBuild } from "../language.ts";
import { portable } from "../natives.ts";
import { finish, installInto, openOn, placeOf, runSteps, ship, startOf, TOP } from "../prepare.ts";
import { detectPython } from "./detect.ts";

/** What a package calls itself in checks and images when its version comes from tags of git. */
const VERSION = "0.0.0";

/** Where a service lies in its image: its environment has this path in its scripts, so it is made there. */
const APP = "/app";

const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** What a service has no use for, and what says when it was installed. */
const UNSHIPPED = ["**/__pycache__", "**/uv_cache.json", "**/test_*.py", "**/*_test.py", "**/.git"];

/** Python, with packages of its index in an environment of the project's own. */
export const python: Language = {
  name: "python",
  detect: detectPython,
  install: (project, files) => installInto(openTool(project, TOP), TOP, project, files, project.install),
  shippedOn: ({ version }) => pythonSlimImage(version.value),
  build: async (project, files, service) => {
    const start = startOf(project, service);
    const made = await installFor(project, files, service);
    const base = openOn(service.platform).from(python.shippedOn(project));
    const all = dag.directory().withDirectory("app", made.directory(APP).filter({ exclude: UNSHIPPED }));
    const image = usePackages(ship(base, "/", all), project, APP)
      .withEnvVariable("PYTHONUNBUFFERED", "1")
      .withEnvVariable("PYTHONDONTWRITEBYTECODE", "1");
    return finish(image, placeOf(APP, project.path), service, start);
  },
};

/** Prints the files below a folder that are programs or libraries of a machine. */
const FIND_NATIVES = `
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and not os.path.islink(path):
            with open(path, "rb") as file:
                if file.read(4) == b"\\x7fELF":
                    print(path)
`;

/** The packages that production needs, and the project itself. Most are the same for each platform. */
async function installFor(project: Project, files: Files, { platform }: ServiceBuild): Promise<Container> {
  const install = (on?: string) => {
    const installed = installInto(openTool(project, APP, on), APP, project, files, project.production);
    const sources = files(project.reads).withTimestamps(1);
    return runSteps(installed.withDirectory(APP, sources), APP, project.productionSetup ?? []);
  };
  return platform === undefined
    ? install()
    : await portable(install(), ["python3", "-c", FIND_NATIVES, APP], () => install(platform));
}

function openTool(project: Project, top: string, platform?: string): Container {
  const tool = openOn(platform)
    .from(project.image.value)
    .withMountedCache("/root/.cache", dag.cacheVolume("slipway-python"))
    .withEnvVariable("CI", "true")
    .withEnvVariable("PYTHONDONTWRITEBYTECODE", "1")
    // Behind a proxy that signs anew, the engine adds its certificate to the system's; packages bring their own list.
    .withEnvVariable("SSL_CERT_FILE", CERTIFICATES)
    .withEnvVariable("REQUESTS_CA_BUNDLE", CERTIFICATES)
    .withEnvVariable("PIP_CERT", CERTIFICATES)
    // The history is not there, and a version that is read from its tags would be an error.
    .withEnvVariable("SETUPTOOLS_SCM_PRETEND_VERSION", VERSION)
    .withEnvVariable("PBR_VERSION", VERSION)
    .withEnvVariable("PDM_BUILD_SCM_VERSION", VERSION)
    .withEnvVariable("POETRY_DYNAMIC_VERSIONING_BYPASS", VERSION)
    .withEnvVariable("UV_DYNAMIC_VERSIONING_BYPASS", VERSION)
    // Another file system than the cache's; and the image's Python, not one that uv would download.
    .withEnvVariable("UV_LINK_MODE", "copy")
    .withEnvVariable("UV_PYTHON", "/usr/local/bin/python3")
    .withEnvVariable("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    .withEnvVariable("PIPENV_VENV_IN_PROJECT", "1")
    .withEnvVariable("PDM_CHECK_UPDATE", "false");
  return usePackages(tool, project, top);
}

/** Lets programs be found in the environment first: uv makes one for a workspace, the others one for each project. */
function usePackages(container: Container, { manager, root, path }: Project, top: string): Container {
  const folder = placeOf(top, manager.value === "uv" ? root : path);
  return container.withEnvVariable("PATH", `${folder}/.venv/bin:\${PATH}`, { expand: true });
}
