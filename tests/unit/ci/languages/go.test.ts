import { suite } from "uvu";
import * as assert from "uvu/assert";
import { detectGo } from "../../../../ci/src/languages/go/detect.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";
import { type Shape, tellAll } from "./told.ts";

const go = suite("detection: go");

/** A repository, and all that is said of it. */
const cases: readonly (readonly [string, Shape, readonly string[]])[] = [
  [
    "takes go.mod, the package at the top and the port of the Dockerfile",
    {
      "go.mod": "module example.com/web\n\ngo 1.24.2\n\nrequire (\n\tgithub.com/go-chi/chi/v5 v5.1.0 // x\n)\n",
      "go.sum": "",
      "main.go": "// c\npackage main\n",
      "main_test.go": "package main",
      Dockerfile: "FROM golang\nEXPOSE 8080\n",
    },
    [
      "go in .",
      "  go (go.mod), 1.24.2 (go.mod go), golang:1.26-bookworm",
      "  lint: go vet ./... (main.go)",
      "  unit: go test ./... (main_test.go)",
      "  main: . (main.go of example.com/web)",
      "  port: 8080 (Dockerfile EXPOSE)",
      "dockerfile in .",
      "  dockerfile (Dockerfile), 1 (Dockerfile), golang",
      "  main: Dockerfile (Dockerfile)",
      "  port: 8080 (Dockerfile EXPOSE)",
    ],
  ],
  [
    "finds several programs in cmd/, and says that golangci-lint is not run",
    {
      "go.mod": "module x\ngo 1.22\ntoolchain go1.23.4\n",
      "cmd/api/main.go": "package main\n",
      "cmd/worker/worker.go": "package main\n",
      "cmd/lib/lib.go": "package lib\n",
      "internal/a_test.go": "",
      ".golangci.yml": "",
    },
    [
      "go in .",
      "  go (go.mod), 1.23.4 (go.mod toolchain), golang:1.26-bookworm",
      "  lint: go vet ./... (cmd/api/main.go)",
      "  unit: go test ./... (internal/a_test.go)",
      "  main: ./cmd/api (cmd/api/main.go)",
      "  main: ./cmd/worker (cmd/worker/worker.go)",
      "  remark: .golangci.yml exists, but golangci-lint is not a tool of go.mod: it is not run (`go get -tool` adds it)",
    ],
  ],
  [
    "runs linters that go.mod lists as tools",
    {
      "go.mod":
        "module x\ngo 1.25\ntool (\n\tgithub.com/golangci/golangci-lint/v2/cmd/golangci-lint\n\thonnef.co/go/tools/cmd/staticcheck\n)\n",
      "a.go": "package x",
      ".golangci.yml": "",
    },
    [
      "go in .",
      "  go (go.mod), 1.25 (go.mod go), golang:1.26-bookworm",
      "  lint: go vet ./... (a.go)",
      "  lint: go tool golangci-lint run (go.mod tool)",
      "  lint: go tool staticcheck ./... (go.mod tool)",
    ],
  ],
  [
    "takes the image of a newer release when go.mod wants it",
    { "go.mod": "module x\ngo 1.27\n" },
    ["go in .", "  go (go.mod), 1.27 (go.mod go), golang:1.27-bookworm"],
  ],
  [
    "takes modules of go.work",
    {
      "go.work": "go 1.24\nuse (\n\t./svc\n\t./lib\n)\n",
      "svc/go.mod": "module a/svc\ngo 1.24\n",
      "svc/main.go": "package main",
      "lib/go.mod": "module a/lib\ngo 1.24\n",
      "lib/lib.go": "package lib",
      "lib/lib_test.go": "",
    },
    [
      "go in lib of .",
      "  go (lib/go.mod), 1.24 (lib/go.mod go), golang:1.26-bookworm",
      "  lint: go vet ./... (lib/lib.go)",
      "  unit: go test ./... (lib/lib_test.go)",
      "go in svc of .",
      "  go (svc/go.mod), 1.24 (svc/go.mod go), golang:1.26-bookworm",
      "  lint: go vet ./... (svc/main.go)",
      "  main: . (svc/main.go of a/svc)",
    ],
  ],
  [
    "takes the file at the top that starts the program, whatever it is called",
    {
      "go.mod": "module example.com/hook\ngo 1.24\n",
      "a.go": "package main\n",
      "gen.go": "//go:build ignore\n\npackage main\n\nfunc main() {}\n",
      "hook.go": "package main\n\nfunc main() {}\n",
    },
    [
      "go in .",
      "  go (go.mod), 1.24 (go.mod go), golang:1.26-bookworm",
      "  lint: go vet ./... (a.go)",
      "  main: . (hook.go of example.com/hook)",
    ],
  ],
  [
    "finds main.go among more sources than are read",
    {
      "go.mod": "module example.com/many\ngo 1.24\n",
      "main.go": "package main\n",
      ...Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`part${at}.go`, "package main\n"])),
    },
    [
      "go in .",
      "  go (go.mod), 1.24 (go.mod go), golang:1.26-bookworm",
      "  lint: go vet ./... (main.go)",
      "  main: . (main.go of example.com/many)",
    ],
  ],
  [
    "takes a vendored module",
    { "go.mod": "module x\ngo 1.24\n", "vendor/modules.txt": "", "cmd/main.go": "package main" },
    [
      "go in .",
      "  go (go.mod), 1.24 (go.mod go), golang:1.26-bookworm",
      "  lint: go vet ./... (cmd/main.go)",
      "  main: ./cmd (cmd/main.go)",
    ],
  ],
];

/** Lines of a Makefile, and how the module is tested by them. */
const tests: readonly (readonly [string, string, string])[] = [
  [
    "packages that people name",
    "go test -v -race ./internal/... ./pkg/...",
    "go test ./internal/... ./pkg/... (Makefile)",
  ],
  [
    "without what is only told of them",
    "go test -coverprofile=c.out -covermode atomic -timeout 30s ./pkg",
    "go test ./pkg (Makefile)",
  ],
  ["with -short and tags", "go test -short -tags unit,fast ./...", "go test -short -tags=unit,fast ./... (Makefile)"],
  ["all of them where people do", "go test ./pkg\n\tgo test -count=1 ./...", "go test ./... (a_test.go)"],
  ["all of them where only some tests are named", "go test -run TestA ./pkg", "go test ./... (a_test.go)"],
  ["all of them where a shell makes the names", "go test $(go list ./... | grep -v x)", "go test ./... (a_test.go)"],
  ["all of them where others test the whole", "go test -tags=integration ./test/...", "go test ./... (a_test.go)"],
  ["all of them where no package is named", "go test -v", "go test ./... (a_test.go)"],
  ["all of them where it may fail", "go test ./pkg || true", "go test ./... (a_test.go)"],
];

for (const [name, line, said] of tests)
  go(`tests ${name}`, () => {
    const files = { "go.mod": "module x\n", "a_test.go": "", Makefile: `test:\n\t${line}\n` };
    const lines = tellAll(files).filter((one) => one.startsWith("  unit: "));
    assert.equal(lines, [`  unit: ${said}`]);
  });

/** What go.mod requires, and the library of C among it. */
const libraries: readonly (readonly [string, string, string | undefined])[] = [
  ["a library of C", "require github.com/mattn/go-sqlite3 v1.14.4\n", "github.com/mattn/go-sqlite3"],
  [
    "one that another module brings",
    "require (\n\tgorm.io/driver/sqlite v1.5.0\n\tgithub.com/mattn/go-sqlite3 v1.14.17 // indirect\n)\n",
    "github.com/mattn/go-sqlite3",
  ],
  [
    "one of a later major version",
    "require github.com/confluentinc/confluent-kafka-go/v2 v2.3.0\n",
    "github.com/confluentinc/confluent-kafka-go",
  ],
  ["none in a comment", "// github.com/mattn/go-sqlite3 v1\n", undefined],
  ["none that is excluded", "exclude github.com/mattn/go-sqlite3 v1.0.0\n", undefined],
  ["none that is written in Go", "require modernc.org/sqlite v1.29.0\n", undefined],
];

for (const [name, text, said] of libraries)
  go(`knows of go.mod ${name}`, () =>
    assert.is(
      detectGo(outlineOf({ "go.mod": `module x\n${text}`, "main.go": "package main\n" }), ".")?.cgo?.value,
      said,
    ),
  );

/** What the text of main.go says of the port. */
const ports: readonly (readonly [string, Record<string, string>, string | undefined])[] = [
  ["a literal", { "main.go": 'http.ListenAndServe(":9000", nil)' }, "9000 (main.go listens at :9000)"],
  ["a literal in cmd/", { "cmd/api/main.go": 'r.Run(":9000")' }, "9000 (cmd/api/main.go listens at :9000)"],
  ["a server", { "main.go": 's := &http.Server{Addr: "0.0.0.0:9000"}' }, "9000 (main.go listens at :9000)"],
  [
    "a file of another name",
    { "server.go": 'func main() {\nhttp.ListenAndServe(":9000", nil)\n}', "lib.go": "" },
    "9000 (server.go listens at :9000)",
  ],
  ["a tool that is built on request", { "gen.go": '//go:build ignore\nfunc main() {\nr.Run(":9000")\n}' }, undefined],
  ["PORT", { "main.go": 'http.ListenAndServe(":"+os.Getenv("PORT"), nil)' }, "8080 (main.go takes PORT)"],
  [
    "PORT with a default",
    { "main.go": 'port, ok := os.LookupEnv("PORT")\nif !ok {\nport = "3000"\n}' },
    "3000 (main.go takes PORT)",
  ],
  ["PORT in a structure", { "main.go": 'Port int `env:"PORT" envDefault:"4000"`' }, "4000 (main.go takes PORT)"],
  ["nothing", { "main.go": 'consume("orders")' }, undefined],
  ["a comment", { "main.go": '// http.ListenAndServe(":9000", nil)\n/* os.Getenv("PORT") */' }, undefined],
  ["loopback", { "main.go": 'http.ListenAndServe("localhost:6060", nil)' }, undefined],
  ["counters only", { "main.go": 'http.ListenAndServe(":9090", promhttp.Handler())' }, undefined],
  ["a socket", { "main.go": 'net.Listen("tcp", ":9000")' }, "9000 (main.go listens at :9000)"],
  ["a flag", { "main.go": 'flag.Int("port", 9000, "where")' }, "9000 (main.go listens at :9000 by a flag)"],
  [
    "a flag for an address",
    { "main.go": 'flag.StringVar(&addr, "listen", ":5678", "where")' },
    "5678 (main.go listens at :5678 by a flag)",
  ],
  [
    "a flag with a short name",
    {
      "main.go": 'fs.IntP("port", "p", 9000, "where")\nfs.Int("port-metrics", 9797, "x")\nfs.Int("grpc-port", 0, "x")',
    },
    "9000 (main.go listens at :9000 by a flag)",
  ],
  ["a flag that is off", { "main.go": 'flag.Int("port", 0, "where")' }, undefined],
  ["a flag for loopback", { "main.go": 'flag.String("addr", "localhost:9000", "where")' }, undefined],
  ["a flag for another port", { "main.go": 'flag.Int("debug-port", 9000, "where")' }, undefined],
  ["a flag beside PORT", { "main.go": 'flag.Int("port", 9000, os.Getenv("PORT"))' }, "8080 (main.go takes PORT)"],
  ["two ports", { "main.go": 'http.ListenAndServe(":1000", a)\nhttp.ListenAndServe(":2000", b)' }, undefined],
  ["two programs", { "cmd/a/main.go": 'r.Run(":1000")', "cmd/b/main.go": "" }, undefined],
  [
    "what a Dockerfile says",
    { "main.go": 'r.Run(":1000")', Dockerfile: "FROM a\nEXPOSE 2000" },
    "2000 (Dockerfile EXPOSE)",
  ],
];

for (const [name, files, said] of ports) {
  go(`takes from ${name} ${said === undefined ? "no port" : "the port"}`, () => {
    const sources = Object.entries(files).map(([path, text]): [string, string] => [
      path,
      path.endsWith(".go") ? `package main\n${text}\n` : text,
    ]);
    const port = detectGo(outlineOf({ "go.mod": "module x\n", ...Object.fromEntries(sources) }), ".")?.port;
    assert.is(port && `${port.value} (${port.from})`, said);
  });
}

for (const [name, shape, said] of cases) go(name, () => assert.equal(tellAll(shape), said));

go.run();
