/** Which of the programs of a module of Go are services, of layouts that people have. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSettings } from "../../../../ci/src/config/read-settings.ts";
import { planInit } from "../../../../ci/src/init/plan.ts";
import { listRemarks } from "../../../../ci/src/init/remarks.ts";
import { findProjects } from "../../../../ci/src/languages/projects.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

type Files = Readonly<Record<string, string | undefined>>;

const MODULE = { "go.mod": "module example.com/shop\n\ngo 1.26\n" };
const server = (port: number) => `package main\n\nfunc main() { http.ListenAndServe(":${port}", nil) }\n`;
const loop = 'package main\n\nfunc main() { consume("orders") }\n';
const commands = 'package main\n\nimport "github.com/spf13/cobra"\n\nfunc main() { root.Execute() }\n';

const look = (files: Files) => readSettings(files["slipway.yaml"], outlineOf(files), findProjects);

/** A line for each service: its name, folder, what makes its image, and its port. */
function tell(files: Files): string[] {
  return Object.entries(look(files).services).map(([name, { path, build, kind, port }]) => {
    const how = "language" in build ? (build.main ?? "the only one") : "dockerfile" in build ? build.dockerfile : "";
    return `${name}: ${path}, ${how}, ${port ?? kind}`;
  });
}

const programs = suite("programs of a module of Go");

const cases: readonly (readonly [string, Files, readonly string[]])[] = [
  [
    "one, in cmd/, is the service of the module",
    { ...MODULE, "cmd/api/main.go": server(80) },
    ["shop: ., the only one, 80"],
  ],
  [
    "several in cmd/ are a service each, by its own name and port",
    { ...MODULE, "cmd/api/main.go": server(8081), "cmd/admin/main.go": server(8082), "cmd/mails/main.go": loop },
    ["admin: ., ./cmd/admin, 8082", "api: ., ./cmd/api, 8081", "mails: ., ./cmd/mails, worker"],
  ],
  [
    "the one at the top has the name of the module",
    { ...MODULE, "main.go": server(8080), "cmd/mails/main.go": loop },
    ["shop: ., ., 8080", "mails: ., ./cmd/mails, worker"],
  ],
  [
    "outside of cmd/ count when they are in main.go",
    { ...MODULE, "services/orders/main.go": server(8081), "services/bills/cmd/main.go": server(8082) },
    ["bills: ., ./services/bills/cmd, 8082", "orders: ., ./services/orders, 8081"],
  ],
  [
    "of one name have their folders' names",
    { ...MODULE, "a/cmd/server/main.go": server(8081), "b/cmd/server/main.go": server(8082) },
    ["server: ., ./a/cmd/server, 8081", "b-cmd-server: ., ./b/cmd/server, 8082"],
  ],
  [
    "called like a backing service make room for a longer name",
    { ...MODULE, "cmd/kafka/main.go": loop, "cmd/api/main.go": server(80) },
    ["api: ., ./cmd/api, 80", "cmd-kafka: ., ./cmd/kafka, worker"],
  ],
  [
    "that are tools by their names are none",
    {
      ...MODULE,
      "cmd/server/main.go": server(80),
      ...Object.fromEntries(
        ["migrate", "gen", "shopctl", "shop-cli", "seed", "healthcheck", "docs"].map((name) => [
          `cmd/${name}/main.go`,
          loop,
        ]),
      ),
    },
    ["shop: ., the only one, 80"],
  ],
  [
    "that take subcommands and run nothing are none",
    { ...MODULE, "cmd/server/main.go": server(80), "cmd/shop/main.go": commands, "cmd/mails/main.go": loop },
    ["mails: ., ./cmd/mails, worker", "server: ., ./cmd/server, 80"],
  ],
  [
    "that take subcommands and listen are services",
    {
      ...MODULE,
      "cmd/a/main.go": commands,
      "cmd/a/serve.go": 'package main\nvar port = flag.Int("port", 9000, "where")\n',
      "cmd/b/main.go": `${commands}func wait() { signal.Notify(c, os.Interrupt) }\n`,
    },
    ["a: ., ./cmd/a, 9000", "b: ., ./cmd/b, worker"],
  ],
  [
    "are no tool when there is no other",
    { ...MODULE, "cmd/shopctl/main.go": commands },
    ["shop: ., the only one, worker"],
  ],
  [
    "in folders for examples, scripts and tests are none",
    {
      ...MODULE,
      "main.go": server(80),
      ...Object.fromEntries(
        ["examples/a", "scripts/b", "tools/c", "hack", "internal/tools/gen", "test/fake", "_old"].map((name) => [
          `${name}/main.go`,
          server(90),
        ]),
      ),
    },
    ["shop: ., the only one, 80"],
  ],
  [
    "in a module of their own below are none of this one",
    { ...MODULE, "main.go": server(80), "web/go.mod": "module example.com/web\n", "web/main.go": server(90) },
    ["shop: ., the only one, 80", "web: web, the only one, 90"],
  ],
  [
    "are one service where a Dockerfile says which one is started",
    { ...MODULE, Dockerfile: "FROM a\nEXPOSE 80\n", "cmd/api/main.go": server(1), "cmd/mails/main.go": loop },
    ["shop: ., Dockerfile, 80"],
  ],
  [
    "have the port of the only one that is no tool, by a Dockerfile too",
    { ...MODULE, Dockerfile: "FROM a\n", "cmd/api/main.go": server(9898), "cmd/apicli/main.go": commands },
    ["shop: ., Dockerfile, 9898"],
  ],
  [
    "are services beside those with a Dockerfile of their own",
    {
      ...MODULE,
      "cmd/api/Dockerfile": "FROM a\nCOPY go.mod /\nEXPOSE 81\n",
      "cmd/api/main.go": server(81),
      "cmd/mails/main.go": loop,
    },
    ["mails: ., ./cmd/mails, worker", "api: cmd/api, cmd/api/Dockerfile, 81"],
  ],
  [
    "say the port where a Dockerfile beside them says none",
    { ...MODULE, "cmd/api/Dockerfile": "FROM a\nCOPY go.mod /\n", "cmd/api/main.go": server(81) },
    ["api: cmd/api, cmd/api/Dockerfile, 81"],
  ],
  [
    "are built by Go where a Dockerfile packs what was built for its platform before",
    {
      ...MODULE,
      Dockerfile: "FROM a\nARG TARGETARCH\nARG BIN=.build/linux-${TARGETARCH}/\nCOPY ${BIN}/shop /bin/\nEXPOSE 93\n",
      "main.go": loop,
    },
    ["shop: ., the only one, 93"],
  ],
  [
    "are meant by the names of services in slipway.yaml",
    {
      ...MODULE,
      "slipway.yaml": "services: { api: {}, mails: { kind: worker } }\n",
      "api/openapi.yaml": undefined,
      "cmd/api/main.go": server(8081),
      "cmd/mails/main.go": loop,
      "cmd/other/main.go": loop,
    },
    ["api: ., ./cmd/api, 8081", "mails: ., ./cmd/mails, worker"],
  ],
];

for (const [name, files, said] of cases) programs(`${name}`, () => assert.equal(tell(files), said));

for (const [name, files] of cases.filter(([, files]) => files["slipway.yaml"] === undefined))
  programs(`are the same once init has written them: ${name}`, () => {
    const { writes } = planInit(outlineOf(files), findProjects, "1.2.3");
    assert.equal(tell({ ...files, "slipway.yaml": writes["slipway.yaml"] }), tell(files));
  });

programs("says by what a tool was known, and how it would be a service", () => {
  const files = { ...MODULE, "cmd/api/main.go": server(80), "cmd/migrate/main.go": loop, "cmd/x/main.go": commands };
  assert.equal(listRemarks(look(files), outlineOf(files)), [
    "cmd/migrate/main.go is treated as a tool because of its name, not as a service; `services: { migrate: { path: ., kind: job, build: { main: ./cmd/migrate } } }` makes it one",
    "cmd/x/main.go is treated as a tool because of its subcommands, not as a service; `services: { x: { path: ., kind: job, build: { main: ./cmd/x } } }` makes it one",
  ]);
});

programs("says that a Dockerfile starts one of several", () => {
  const files = {
    ...MODULE,
    Dockerfile: "FROM a\nEXPOSE 80\n",
    "cmd/api/main.go": server(80),
    "cmd/mails/main.go": loop,
  };
  assert.equal(listRemarks(look(files), outlineOf(files)), [
    "./cmd/api, ./cmd/mails: several programs, and the image of Dockerfile starts one; the others can be services too, by `build: { imageOf: shop, start: […] }` or `build: { main: ./cmd/api }`",
  ]);
});

programs.run();
