import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSettings } from "../../../../ci/src/config/read-settings.ts";
import { diagnose } from "../../../../ci/src/init/doctor.ts";
import { planInit } from "../../../../ci/src/init/plan.ts";
import { listRemarks } from "../../../../ci/src/init/remarks.ts";
import { reportInit } from "../../../../ci/src/init/report.ts";
import { findProjects } from "../../../../ci/src/languages/projects.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

type Files = Readonly<Record<string, string | undefined>>;

const remarks = suite("what a person should know");

const look = (files: Files) => {
  const outline = outlineOf(files);
  return listRemarks(readSettings(files["slipway.yaml"], outline, findProjects), outline);
};

const IMAGE = { Dockerfile: "FROM a\nEXPOSE 80\n" };
const POM =
  "<project><artifactId>shop</artifactId><dependencies><dependency><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies></project>";

/** Files, and what is said of them. */
const cases: readonly (readonly [string, Files, readonly string[]])[] = [
  [
    "classes of Java of which nothing says which one is started",
    {
      "pom.xml": POM.replace("spring-boot-starter-web", "kafka-streams"),
      "src/main/java/a/One.java": "package a; class One { public static void main(String[] args) {} }",
      "src/main/java/a/Two.java": "package a; class Two { public static void main(String[] args) {} }",
      "src/test/java/ATest.java": undefined,
    },
    [
      "a.One, a.Two: several classes of the top can be started, and as long as nothing says which one, they become no services: `services: { shop: { path: ., build: { main: a.One } } }`",
    ],
  ],
  [
    "the same of a service that listens",
    {
      "pom.xml": POM,
      "src/main/java/a/One.java": "package a; class One { public static void main(String[] args) {} }",
      "src/main/java/a/Two.java": "package a; class Two { public static void main(String[] args) {} }",
    },
    [
      "a.One, a.Two: several classes of the top can be started, and as long as nothing says which one, the image of shop may start another, or none: `services: { shop: { path: ., build: { main: a.One } } }`",
    ],
  ],
  [
    "CI systems that are there, and that nobody has named",
    { ...IMAGE, ".github/workflows/ci.yml": "on: push\n", Jenkinsfile: undefined },
    [
      ".github/workflows/ci.yml is there; `providers: [github]` and slipway generate write the files that call Slipway",
      "Jenkinsfile is there; `providers: [jenkins]` and slipway generate write the files that call Slipway, once Jenkinsfile is moved away: what a person wrote is never overwritten",
    ],
  ],
  [
    "CI systems by each name of their files",
    { ...IMAGE, ".woodpecker.yml": undefined, ".drone.yml": undefined, "bitbucket-pipelines.yml": undefined },
    ["woodpecker", "drone", "bitbucket"].map((provider, at) => {
      const file = [".woodpecker.yml", ".drone.yml", "bitbucket-pipelines.yml"][at];
      return `${file} is there; \`providers: [${provider}]\` and slipway generate write the files that call Slipway, once ${file} is moved away: what a person wrote is never overwritten`;
    }),
  ],
  [
    "the steps of Codeship as checks, but for what pushes or deploys",
    {
      ...IMAGE,
      "codeship-services.yml": "app: { build: . }\ndb: { image: 'postgres:18' }\nruby: { image: 'ruby:3.4' }\n",
      "codeship-steps.yml": `- type: parallel
  steps:
    - { name: Unit Tests, service: ruby, command: bundle exec rspec }
    - { service: app, command: ./lint.sh all }
    - { service: app, command: ./lint.sh some }
- { type: serial, service: ruby, steps: [{ command: "rake 'a: b'" }] }
- { name: push, service: app, type: push, image_name: acme/shop }
- { name: deploy, service: app, tag: main, command: ./deploy.sh }
`,
    },
    [
      "codeship-steps.yml is there, and Codeship has shut down; `providers` names another system",
      "the steps of codeship-steps.yml as checks: `checks: { unit-tests: { run: bundle exec rspec, image: ruby:3.4 }, lint-sh: { run: ./lint.sh all }, lint-sh-2: { run: ./lint.sh some }, rake: { run: \"rake 'a: b'\", image: ruby:3.4 } }`",
    ],
  ],
  [
    "no step of Codeship that a check runs already",
    {
      ...IMAGE,
      "codeship-steps.yml": "- { service: app, command: bundle exec rspec }\n- { service: app, command: rake }\n",
      "slipway.yaml": "providers: [github]\nchecks: { unit: { run: bundle exec rspec } }\n",
    },
    [
      "codeship-steps.yml is there, and Codeship has shut down",
      "the steps of codeship-steps.yml as checks: `checks: { rake: { run: rake } }`",
    ],
  ],
  [
    "Codeship alone, when its steps are checks already or cannot be read",
    {
      ...IMAGE,
      "codeship-steps.yml": "- { name: [}\n",
      "slipway.yaml": "providers: [github]\n",
    },
    ["codeship-steps.yml is there, and Codeship has shut down"],
  ],
  [
    "nothing of CI systems when one is named, or when there are other files of GitHub",
    { ...IMAGE, ".gitlab-ci.yml": "x:\n", ".github/CODEOWNERS": undefined, "slipway.yaml": "providers: [gitlab]\n" },
    [],
  ],
  [
    "nothing when the file says which class",
    {
      "pom.xml": POM,
      "src/main/java/a/One.java": "package a; class One { public static void main(String[] args) {} }",
      "src/main/java/a/Two.java": "package a; class Two { public static void main(String[] args) {} }",
      "slipway.yaml": "services: { shop: { port: 8080, build: { main: a.Two } } }\n",
    },
    [],
  ],
  [
    "drivers of two databases of which no setting speaks",
    {
      "pom.xml": POM.replace(
        "</dependencies>",
        "<dependency><artifactId>postgresql</artifactId></dependency><dependency><artifactId>h2</artifactId></dependency></dependencies>",
      ),
    },
    [
      "pom.xml has drivers of PostgreSQL and h2, and no setting mentions PostgreSQL: shop starts without it; `needs: [postgres]` adds it",
    ],
  ],
  ["nothing, of a Dockerfile alone", IMAGE, []],
  [
    "a script with tests that no check runs",
    { ...IMAGE, "test.sh": undefined },
    ["test.sh exists, and no check runs it; if it is one: `checks: { unit: { run: sh test.sh } }`"],
  ],
  [
    "a script with tests where there is no image for it",
    { "api/Dockerfile": "FROM a\nEXPOSE 80\n", "scripts/test.sh": undefined },
    [
      "scripts/test.sh exists, and no check runs it; if it is one: `checks: { unit: { run: sh scripts/test.sh, image: debian:bookworm-slim } }`",
    ],
  ],
  [
    "a target of make",
    { ...IMAGE, Makefile: "all: test\n\ntest: build\n\t./x\n" },
    ["the target test of Makefile exists, and no check runs it; if it is one: `checks: { unit: { run: make test } }`"],
  ],
  ["no target that is a variable", { ...IMAGE, Makefile: "test := 1\nbuild:\n\t./x\n" }, []],
  [
    "tests in bats",
    { ...IMAGE, "test/a.bats": undefined },
    ["test/a.bats exists, and no check runs it; if it is one: `checks: { unit: { run: bats test/a.bats } }`"],
  ],
  [
    "a compose file for tests",
    { ...IMAGE, "docker-compose.test.yml": "services: {}" },
    ["docker-compose.test.yml exists; checks run without Docker: give them `needs` instead"],
  ],
  [
    "nothing where a check is",
    { ...IMAGE, "test.sh": undefined, "slipway.yaml": "checks: { unit: sh test.sh }\n" },
    [],
  ],
  [
    "a language that is built by its Dockerfile",
    { ...IMAGE, "Cargo.toml": undefined },
    [
      'Cargo.toml belongs to Rust, which Slipway runs in an image that you choose: `checks: { unit: { run: "cargo test", image: "rust:1" } }`, and builds from a Dockerfile',
    ],
  ],
  [
    "a language in a folder",
    { ...IMAGE, "src/Worker/Worker.csproj": undefined, "vendor/a/Gemfile": undefined },
    [
      'src/Worker/Worker.csproj belongs to .NET, which Slipway runs in an image that you choose: `checks: { unit: { path: src/Worker, run: "dotnet test", image: "mcr.microsoft.com/dotnet/sdk:10.0" } }`, and builds from a Dockerfile',
    ],
  ],
  [
    "what a Dockerfile copies and nobody builds",
    { Dockerfile: "FROM a\nARG JAR=target/*.jar\nCOPY ${JAR} app.jar\nEXPOSE 80\n" },
    [
      "Dockerfile copies target/*.jar, which is not in the repository: something has to be built before it, which `call build` does not do",
    ],
  ],
  [
    "what a Dockerfile copies, where the project itself is built instead",
    { Dockerfile: "FROM a\nCOPY ./build/libs/a.jar app.jar\nEXPOSE 80\n", "pom.xml": POM },
    ["Dockerfile copies ./build/libs/a.jar, which is not in the repository: shop is built as java instead"],
  ],
];

for (const [what, files, said] of cases) remarks(`is ${what}`, () => assert.equal(look(files), said));

remarks("stands in the reports of init and doctor", () => {
  const outline = outlineOf({ ...IMAGE, "test.sh": undefined });
  const [said] = look({ ...IMAGE, "test.sh": undefined });
  assert.ok(reportInit(planInit(outline, findProjects, "1.0.0")).includes(`\n\nWorth knowing\n  ${said}`));
  assert.ok(
    diagnose(readSettings(undefined, outline, findProjects), outline, {
      isInGit: true,
      remarks: [],
      unavailable: new Map(),
      workflows: { writes: [], removes: [], foreign: [] },
    }).report.endsWith(`\n\nWorth knowing\n  ${said}`),
  );
});

remarks("does not hide that a Dockerfile has been asked for", () => {
  const files = { Dockerfile: "FROM a\nCOPY target/a.jar /\nEXPOSE 80\n", "pom.xml": POM };
  const built = (text: string | undefined) =>
    readSettings(text, outlineOf(files), findProjects).services["shop"]?.build;
  assert.equal(built(undefined), { language: "java" });
  assert.equal(built("services: { shop: { build: { dockerfile: Dockerfile } } }\n"), {
    dockerfile: "Dockerfile",
    context: ".",
    args: {},
  });
});

remarks("is told where nothing else is known", () => {
  const said = (files: Files) => {
    try {
      readSettings(undefined, outlineOf(files), findProjects);
    } catch (error) {
      return (error as Error).message.split("\n").at(-1);
    }
    return "no problem";
  };
  assert.is(
    said({ "mix.exs": undefined, "lib/a.ex": undefined }),
    '  to do: mix.exs belongs to Elixir, which Slipway runs in an image that you choose: `checks: { unit: { run: "mix deps.get && mix test", image: "elixir:1.19" } }`, and builds from a Dockerfile. Write it into slipway.yaml, at the top of the repository',
  );
});

remarks("names the arguments that a Dockerfile has to be given", () => {
  const text =
    "ARG BASE\nFROM $BASE\nARG PART\nARG VERSION\nARG TARGETARCH\nARG A=.\nCOPY ${PART}/a $A/ ./$TARGETARCH /app/\n";
  const look = readSettings(undefined, outlineOf({ "web/Dockerfile": text }), findProjects);
  assert.equal(listRemarks(look, outlineOf({ "web/Dockerfile": text })), [
    "web/Dockerfile has no default for BASE, PART: services: { web: { build: { args: { BASE: …, PART: … } } } }",
  ]);
});

remarks.run();
