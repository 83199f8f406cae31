import { suite } from "uvu";
import * as assert from "uvu/assert";
import { detectJava } from "../../../../ci/src/languages/java/detect.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

const starts = suite("detection: what Java starts");

/** A pom.xml with properties, dependencies by their artifacts and plugins by theirs. */
function pom({ release = "21", depends = [], plugins = [] }: Partial<Pom> = {}): string {
  const dependencies = depends.map((one) => `<dependency><artifactId>${one}</artifactId></dependency>`).join("");
  const used = plugins.map((one) => `<plugin><artifactId>${one}</artifactId></plugin>`).join("");
  return `<project><artifactId>a</artifactId><properties><maven.compiler.release>${release}</maven.compiler.release></properties><dependencies>${dependencies}</dependencies><build><plugins>${used}</plugins></build></project>`;
}

interface Pom {
  readonly release: string;
  readonly depends: readonly string[];
  readonly plugins: readonly string[];
}

type Files = Readonly<Record<string, string>>;

function look(files: Files) {
  return detectJava(outlineOf({ "pom.xml": pom(), ...files }), ".");
}

const WRAPPER = { gradlew: "", "gradle/wrapper/gradle-wrapper.properties": "" };
const MAIN = "public static void main(String[] args) {}";

/** Sources, and the classes that are started, each with the file that says so. */
const mains: readonly (readonly [string, Files, readonly string[]])[] = [
  [
    "a class with main",
    { "src/main/java/x/y/Hello.java": `package x.y;\npublic class Hello { ${MAIN} }` },
    ["x.y.Hello (src/main/java/x/y/Hello.java)"],
  ],
  [
    "a class of no package",
    { "src/main/java/Hello.java": `class Hello { ${MAIN} }` },
    ["Hello (src/main/java/Hello.java)"],
  ],
  [
    "arguments of any number",
    { "src/main/java/A.java": "class A { public static void main(final String... a) {} }" },
    ["A (src/main/java/A.java)"],
  ],
  [
    "the words turned round",
    { "src/main/java/A.java": "class A { static public void main(String args[]) {} }" },
    ["A (src/main/java/A.java)"],
  ],
  ["a comment", { "src/main/java/A.java": `class A { /* ${MAIN} */\n// ${MAIN}\n }` }, []],
  ["a test", { "src/test/java/A.java": `class A { ${MAIN} }` }, []],
  ["another module", { "b/src/main/java/A.java": `class A { ${MAIN} }`, "b/pom.xml": pom() }, []],
  ["main of an instance before Java 25", { "src/main/java/A.java": "class A { void main() {} }" }, []],
  [
    "main of an instance from Java 25 on",
    { "pom.xml": pom({ release: "25" }), "src/main/java/x/A.java": "package x;\nclass A {\n  void main() {}\n}" },
    ["x.A (src/main/java/x/A.java)"],
  ],
  [
    "a file without a class from Java 25 on",
    { "pom.xml": pom({ release: "25" }), "src/main/java/Hello.java": 'void main() {\n  IO.println("hello");\n}\n' },
    ["Hello (src/main/java/Hello.java)"],
  ],
  [
    "a call of main from Java 25 on",
    { "pom.xml": pom({ release: "25" }), "src/main/java/A.java": "class A { void b() { other.main(args); } }" },
    [],
  ],
  [
    "a function of Kotlin",
    { "src/main/kotlin/app/main.kt": "package app\n\nfun main() {}\n" },
    ["app.MainKt (src/main/kotlin/app/main.kt)"],
  ],
  [
    "a function of Kotlin in a file with a name",
    { "src/main/kotlin/A.kt": '@file:JvmName("Start")\npackage b\nfun main(args: Array<String>) {}\n' },
    ["b.Start (src/main/kotlin/A.kt)"],
  ],
  [
    "an object of Kotlin",
    { "src/main/kotlin/A.kt": "package b\nobject A {\n  @JvmStatic fun main(args: Array<String>) {}\n}" },
    ["b.A (src/main/kotlin/A.kt)"],
  ],
  [
    "Spring Boot among others",
    {
      "src/main/java/x/Shop.java": `package x;\n@SpringBootApplication\npublic class Shop { ${MAIN} }`,
      "src/main/java/x/Import.java": `package x;\npublic class Import { ${MAIN} }`,
    },
    ["x.Shop (src/main/java/x/Shop.java)"],
  ],
  [
    "what a plugin is told",
    {
      "pom.xml":
        "<project><build><plugins><plugin><artifactId>maven-jar-plugin</artifactId><configuration><archive><manifest><mainClass>x.Told</mainClass></manifest></archive></configuration></plugin></plugins></build></project>",
      "src/main/java/A.java": `class A { ${MAIN} }`,
    },
    ["x.Told (pom.xml maven-jar-plugin)"],
  ],
  [
    "Quarkus",
    { "pom.xml": pom({ plugins: ["quarkus-maven-plugin"] }) },
    ["io.quarkus.bootstrap.runner.QuarkusEntryPoint (pom.xml quarkus-maven-plugin)"],
  ],
];

for (const [name, files, said] of mains) {
  starts(`${said.length === 0 ? "starts nothing because of" : "starts"} ${name}`, () =>
    assert.equal(
      look(files)?.mains.map(({ value, from }) => `${value} (${from})`),
      said,
    ),
  );
}

starts("starts what the sources of a Gradle build have", () => {
  const files = {
    "build.gradle":
      "plugins { id 'org.springframework.boot' version '3.3.0' }\ndependencies { implementation 'org.springframework.boot:spring-boot-starter-web' }\n",
    ...WRAPPER,
    "src/main/java/x/Shop.java": `package x;\n@SpringBootApplication\npublic class Shop { ${MAIN} }`,
  };
  const project = detectJava(outlineOf(files), ".");
  assert.equal(project?.mains, [{ value: "x.Shop", from: "src/main/java/x/Shop.java" }]);
  assert.equal(project?.port, { value: 8080, from: "build.gradle depends on spring-boot-starter-web" });
});

starts("reads names of Gradle's version catalog, and leaves out what only tests need", () => {
  const files = {
    "build.gradle.kts":
      "dependencies {\n  implementation(libs.quarkus.rest)\n  testImplementation(libs.quarkus.smallrye.health)\n}\n",
    ...WRAPPER,
  };
  const project = detectJava(outlineOf(files), ".");
  assert.equal(project?.port, { value: 8080, from: "build.gradle.kts depends on quarkus-rest" });
  assert.is(project?.probe, undefined);
});

const WEB = ["spring-boot-starter-web"];
const RESOURCES = "src/main/resources";

/** Dependencies and settings, and the port that is found, with the place that says so. */
const ports: readonly (readonly [string, Files, string | undefined])[] = [
  ["Spring Boot", { "pom.xml": pom({ depends: WEB }) }, "8080 (pom.xml depends on spring-boot-starter-web)"],
  [
    "a gateway of Spring",
    { "pom.xml": pom({ depends: ["spring-cloud-starter-gateway-server-webflux"] }) },
    "8080 (pom.xml depends on spring-cloud-starter-gateway)",
  ],
  ["Spring Boot without a server", { "pom.xml": pom({ depends: ["spring-kafka"] }) }, undefined],
  ["Quarkus", { "pom.xml": pom({ depends: ["quarkus-rest-jackson"] }) }, "8080 (pom.xml depends on quarkus-rest)"],
  [
    "Micronaut",
    { "pom.xml": pom({ depends: ["micronaut-http-server-netty"] }) },
    "8080 (pom.xml depends on micronaut-http-server-netty)",
  ],
  [
    "application.properties",
    {
      "pom.xml": pom({ depends: WEB }),
      [`${RESOURCES}/application.properties`]: "# server.port=1\nserver.port = 9000\n",
    },
    `9000 (${RESOURCES}/application.properties server.port)`,
  ],
  [
    "a variable with a default",
    { "pom.xml": pom({ depends: WEB }), [`${RESOURCES}/application.properties`]: "server.port=${HTTP_PORT:9001}\n" },
    `9001 (${RESOURCES}/application.properties server.port)`,
  ],
  [
    "application.yml",
    {
      "pom.xml": pom({ depends: WEB }),
      [`${RESOURCES}/application.yml`]:
        "spring:\n  port: 1\nserver:\n  # c\n  port: 9002 # c\n---\nserver:\n  port: 2\n",
    },
    `9002 (${RESOURCES}/application.yml server.port)`,
  ],
  [
    "application.yml with dots",
    { "pom.xml": pom({ depends: WEB }), [`${RESOURCES}/application.yml`]: "server.port: 9003\n" },
    `9003 (${RESOURCES}/application.yml server.port)`,
  ],
  [
    "Quarkus with a setting",
    {
      "pom.xml": pom({ depends: ["quarkus-resteasy"] }),
      [`${RESOURCES}/application.properties`]: "quarkus.http.port=9004",
    },
    `9004 (${RESOURCES}/application.properties quarkus.http.port)`,
  ],
  [
    "the JDK's server",
    { "src/main/java/A.java": `class A { ${MAIN}\n void a() { HttpServer.create(new InetSocketAddress(9005), 0); } }` },
    "9005 (src/main/java/A.java listens at :9005)",
  ],
  [
    "the JDK's server on loopback",
    { "src/main/java/A.java": `class A { ${MAIN}\n Object a = new InetSocketAddress("localhost", 9005); }` },
    undefined,
  ],
  [
    "a small framework",
    { "src/main/java/A.java": `class A { ${MAIN}\n void a() { Javalin.create().start(9006); } }` },
    "9006 (src/main/java/A.java listens at :9006)",
  ],
  [
    "PORT with a default",
    {
      "src/main/java/A.java": `class A { ${MAIN}\n int p = Integer.parseInt(System.getenv().getOrDefault("PORT", "9007")); }`,
    },
    "9007 (src/main/java/A.java takes PORT)",
  ],
  [
    "two ports",
    { "src/main/java/A.java": `class A { ${MAIN}\n void a() { a.start(9006); b.start(9007); } }` },
    undefined,
  ],
  [
    "a Dockerfile before all",
    { "pom.xml": pom({ depends: WEB }), Dockerfile: "FROM a\nEXPOSE 9008" },
    "9008 (Dockerfile EXPOSE)",
  ],
];

for (const [name, files, said] of ports) {
  starts(`takes from ${name} ${said === undefined ? "no port" : "the port"}`, () => {
    const port = look(files)?.port;
    assert.is(port && `${port.value} (${port.from})`, said);
  });
}

/** Dependencies and settings, and the path that is asked for health. */
const probes: readonly (readonly [string, Files, string | undefined])[] = [
  [
    "Spring's actuator",
    { "pom.xml": pom({ depends: [...WEB, "spring-boot-starter-actuator"] }) },
    "/actuator/health (pom.xml depends on spring-boot-starter-actuator)",
  ],
  [
    "Quarkus' health",
    { "pom.xml": pom({ depends: ["quarkus-rest", "quarkus-smallrye-health"] }) },
    "/q/health (pom.xml depends on quarkus-smallrye-health)",
  ],
  ["an application without health", { "pom.xml": pom({ depends: WEB }) }, undefined],
  [
    "an actuator at a port of its own",
    {
      "pom.xml": pom({ depends: [...WEB, "spring-boot-starter-actuator"] }),
      [`${RESOURCES}/application.properties`]: "management.server.port=9100",
    },
    undefined,
  ],
  [
    "an actuator at a port of its own, in YAML",
    {
      "pom.xml": pom({ depends: [...WEB, "spring-boot-starter-actuator"] }),
      [`${RESOURCES}/application.yml`]: "management:\n  server:\n    port: 9100\n",
    },
    undefined,
  ],
  [
    "an actuator at a path of its own",
    {
      "pom.xml": pom({ depends: [...WEB, "spring-boot-starter-actuator"] }),
      [`${RESOURCES}/application.properties`]: "management.endpoints.web.base-path=/manage",
    },
    undefined,
  ],
  [
    "an actuator of which only more is shown",
    {
      "pom.xml": pom({ depends: [...WEB, "spring-boot-starter-actuator"] }),
      [`${RESOURCES}/application.yml`]: "management:\n  endpoints.web.exposure.include: '*'\n",
    },
    "/actuator/health (pom.xml depends on spring-boot-starter-actuator)",
  ],
  [
    "an actuator below the path of the application",
    {
      "pom.xml": pom({ depends: [...WEB, "spring-boot-starter-actuator"] }),
      [`${RESOURCES}/application.properties`]: "server.servlet.context-path=/shop/\n",
    },
    "/shop/actuator/health (pom.xml depends on spring-boot-starter-actuator)",
  ],
  [
    "Quarkus' health below the path of the application",
    {
      "pom.xml": pom({ depends: ["quarkus-rest", "quarkus-smallrye-health"] }),
      [`${RESOURCES}/application.properties`]: "quarkus.http.root-path=/shop\n",
    },
    "/shop/q/health (pom.xml depends on quarkus-smallrye-health)",
  ],
  [
    "a path that only a variable gives",
    {
      "pom.xml": pom({ depends: [...WEB, "spring-boot-starter-actuator"] }),
      [`${RESOURCES}/application.properties`]: "server.servlet.context-path=${BASE}\n",
    },
    undefined,
  ],
];

for (const [name, files, said] of probes) {
  starts(`takes from ${name} ${said === undefined ? "no probe" : "the probe"}`, () => {
    const probe = look(files)?.probe;
    assert.is(probe && `${probe.value} (${probe.from})`, said);
  });
}

starts.run();
