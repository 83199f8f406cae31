import { HANDED_ON_CERTIFICATES } from "../run/host-environment.ts";

/** A variable of the environment that the command, the engine or the script `slipway` reads. */
export interface Variable {
  readonly name: string;
  /** What stands in it, as a person writes it; empty: any text. */
  readonly value?: string;
  /** What counts when it is not set. */
  readonly otherwise?: string;
  readonly means: string;
}

const variable = (name: string, means: string, more: Pick<Variable, "value" | "otherwise"> = {}): Variable => ({
  name,
  means,
  ...more,
});

/**
 * All of them, by what they are about. docs/reference/environment.md is printed from it, and a test looks for variables
 * that are read and not named here.
 */
export const VARIABLES: Readonly<Record<string, readonly Variable[]>> = {
  "Slipway's own": [
    variable("SLIPWAY_STORE", "The folder in which the engine keeps images, layers and results.", {
      value: "a path",
      otherwise: "`slipway` in the cache folder of the user",
    }),
    variable(
      "SLIPWAY_STORE_LIMIT",
      "How large the store may be. What was not used for the longest time is removed first.",
      {
        value: "a size such as `8g`, or `none`",
        otherwise: "the smaller of 20 GiB and a tenth of its disk",
      },
    ),
    variable("SLIPWAY_OFFLINE", "Load nothing from a network, as `--offline` does. What the store lacks is an error.", {
      value: "`1` or `0`",
      otherwise: "`0`",
    }),
    variable("SLIPWAY_MEMORY", "Memory of all containers together.", {
      value: "a size such as `8g`",
      otherwise: "nine tenths of the memory of this machine, or of the container in which the engine runs",
    }),
    variable("SLIPWAY_PROCESSES", "Processes and threads of one container.", {
      value: "a whole number",
      otherwise: "8192",
    }),
    variable("SLIPWAY_OPEN_FILES", "Open files of one process in a container.", {
      value: "a whole number",
      otherwise: "1048576",
    }),
    variable(
      "SLIPWAY_IMAGES",
      "Where images come from: `registry` never makes one by a recipe, `recipe` asks no registry for what has a recipe.",
      {
        value: "`auto`, `registry` or `recipe`",
        otherwise: "`auto`: the registry, and a recipe when no registry answers",
      },
    ),
    variable(
      "SLIPWAY_REGISTRY_MIRROR",
      "Where images of a registry are looked for first, by TLS. Several are separated by blanks.",
      {
        value: "`REGISTRY=MIRROR`, such as `docker.io=mirror.example/hub`",
        otherwise: "no mirror",
      },
    ),
    variable("SLIPWAY_REGISTRY_PATIENCE", "How long one pull or push waits for a registry that fails temporarily.", {
      value: "seconds; `0`: no waiting",
      otherwise: "60",
    }),
    variable(
      "SLIPWAY_DEBIAN_MIRROR",
      "The address below which `debian` and `debian-security` lie, for images made by a recipe.",
      {
        value: "an address such as `https://mirror.example`",
        otherwise: "Debian's own servers",
      },
    ),
    variable(
      "SLIPWAY_OWN_MODULE",
      "With `off`, a folder without `dagger.json` has no module, as with Dagger's own command.",
      {
        value: "`off`",
        otherwise: "Slipway's own module works on the repository",
      },
    ),
    variable(
      "SLIPWAY_ALLOW_INSECURE_ROOT",
      "Lets functions of a module have root's capabilities on this machine (`insecureRootCapabilities`), when root calls them.",
      {
        value: "`1`",
        otherwise: "refused",
      },
    ),
  ],
  "Dagger's": [
    variable("DAGGER_PROGRESS", "How progress is shown, as `--progress` says it.", {
      value: "`auto`, `plain`, `tty`, `dots`, `logs` or `report`",
      otherwise: "`auto`",
    }),
    variable("DAGGER_MODULE", "The module that a command calls, lists or changes, as `--mod` says it.", {
      value: "a path or an address",
      otherwise: "the next `dagger.json` above the working directory",
    }),
  ],
  "The terminal": [
    variable("NO_COLOR", "If it is set to anything, nothing is coloured."),
    variable("TERM", "With `dumb`, nothing is coloured."),
  ],
  Folders: [
    variable("HOME", "The user's folder: for `~`, caches, logins and settings of other programs.", {
      otherwise: "from the system's list of users",
    }),
    variable("XDG_CACHE_HOME", "The cache folder of the user.", { value: "a path", otherwise: "`~/.cache`" }),
    variable("XDG_CONFIG_HOME", "The folder of settings of the user, for logins of Podman and settings of Go.", {
      value: "a path",
      otherwise: "`~/.config`",
    }),
    variable("XDG_RUNTIME_DIR", "The folder of the user's session, for logins of Podman.", { value: "a path" }),
    variable("PATH", "Where the engine finds the programs that it starts: git, tar, crun and others.", {
      otherwise: "`/usr/sbin:/usr/bin:/sbin:/bin`, which are always searched",
    }),
  ],
  "Networks and registries": [
    variable("HTTPS_PROXY", "The proxy for registries and downloads; passed on to containers. Also in lower case.", {
      value: "an address",
    }),
    variable("HTTP_PROXY", "The proxy for plain HTTP; passed on to containers. Also in lower case.", {
      value: "an address",
    }),
    variable("ALL_PROXY", "Passed on to containers and to git. Also in lower case.", { value: "an address" }),
    variable("FTP_PROXY", "Passed on to containers. Also in lower case.", { value: "an address" }),
    variable("NO_PROXY", "Hosts that are reached without a proxy. Also in lower case.", {
      value: "names, separated by commas",
    }),
    variable("REGISTRY_AUTH_FILE", "The one file of logins that counts, of `podman login` or `docker login`.", {
      value: "a path",
      otherwise: "those of Podman, then that of Docker",
    }),
    variable("DOCKER_CONFIG", "The folder of `config.json` with the logins of Docker.", {
      value: "a path",
      otherwise: "`~/.docker`",
    }),
    variable("GOPROXY", "Where recipes get modules of Go from, as `go` takes it.", {
      otherwise: "what `go env -w` has written, or Go's own default",
    }),
    variable("GOENV", "The file that `go env -w` writes, or `off`.", {
      value: "a path",
      otherwise: "`go/env` in the folder of settings",
    }),
    variable(
      "SSH_AUTH_SOCK",
      "The agent whose keys are used to fetch git repositories. What begins with `GIT_SSH` is passed to git too.",
      { value: "a path" },
    ),
  ],
  Certificates: [
    variable(
      "SSL_CERT_FILE",
      "The certificate authorities that registries and git servers are checked against, instead of the system's.",
      {
        value: "a file of PEM",
      },
    ),
    variable("NODE_EXTRA_CA_CERTS", "More certificate authorities, besides the system's.", { value: "a file of PEM" }),
    ...HANDED_ON_CERTIFICATES.map((name) =>
      variable(name, "Passed on to containers, with the file.", { value: "a file of PEM" }),
    ),
  ],
  "Traces of runs": [
    variable("OTEL_EXPORTER_OTLP_ENDPOINT", "The collector of OpenTelemetry that each run is sent to.", {
      value: "an address",
      otherwise: "nothing is sent",
    }),
    variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "The same, for traces alone; it takes precedence.", {
      value: "an address",
    }),
    variable("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "Where the output of each run's steps is sent, as logs.", {
      value: "an address",
      otherwise: "no output is sent",
    }),
    variable("OTEL_EXPORTER_OTLP_PROTOCOL", "How it is sent.", {
      value: "`http/protobuf` or `http/json`",
      otherwise: "`http/protobuf`",
    }),
    variable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "The same, for traces alone; it takes precedence.", {
      value: "`http/protobuf` or `http/json`",
    }),
    variable("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "The same, for logs alone; it takes precedence.", {
      value: "`http/protobuf` or `http/json`",
    }),
    variable("OTEL_EXPORTER_OTLP_TIMEOUT", "How long the collector may take.", {
      value: "milliseconds",
      otherwise: "3000",
    }),
    variable("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "The same, for traces alone; it takes precedence.", {
      value: "milliseconds",
    }),
    variable("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "The same, for logs alone; it takes precedence.", {
      value: "milliseconds",
    }),
    variable("OTEL_LOGS_EXPORTER", "No logs are sent unless `otlp` is among them.", {
      value: "names, separated by commas",
      otherwise: "`otlp`",
    }),
    variable("OTEL_TRACES_EXPORTER", "No traces are sent unless `otlp` is among them.", {
      value: "names, separated by commas",
      otherwise: "`otlp`",
    }),
    variable("OTEL_SDK_DISABLED", "With `true`, nothing is sent.", {
      value: "`true` or `false`",
      otherwise: "`false`",
    }),
    variable("TRACEPARENT", "The span that the run belongs to, as W3C Trace Context writes it."),
  ],
  "Between parts of Slipway": [
    variable(
      "SLIPWAY_EXTRA_CA_CERTS",
      "The script keeps `NODE_EXTRA_CA_CERTS` here, which Node would read at each start.",
    ),
    variable(
      "NODE_OPTIONS",
      "The script checks whether Node is told to use other authorities; then it caches nothing. What Node compiles is kept for each value by itself.",
    ),
    variable("NODE_DISABLE_COMPILE_CACHE", "With any text, what Node compiles of the engine is not kept."),
    variable(
      "SLIPWAY_COMPILE_ONLY",
      "Set while the engine is built: what starts a module's functions is compiled, and starts none.",
    ),
    variable(
      "DAGGER_SESSION_PORT",
      "Where a function, or the program of `slipway run`, reaches its session. Set by the engine.",
    ),
  ],
};
