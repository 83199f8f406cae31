import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Shape, tellAll } from "./told.ts";

const java = suite("detection: java");

/** A repository, and all that is said of it. */
const cases: readonly (readonly [string, Shape, readonly string[]])[] = [
  [
    "takes Maven, the release, and the class that the shaded archive starts",
    {
      "pom.xml":
        '<project><artifactId>streams</artifactId><properties><maven.compiler.release>21</maven.compiler.release></properties><build><plugins><plugin><artifactId>maven-shade-plugin</artifactId><executions><execution><configuration><transformers><transformer implementation="x"><mainClass>com.x.App</mainClass></transformer></transformers></configuration></execution></executions></plugin></plugins></build></project>',
      "src/main/java/com/x/App.java": "",
      "src/test/java/com/x/AppTest.java": "",
    },
    [
      "java in .",
      "  maven (pom.xml), 21 (pom.xml maven.compiler.release), maven:3-eclipse-temurin-21",
      "  unit: mvn --batch-mode --no-transfer-progress test (src/test/java/com/x/AppTest.java)",
      "  main: com.x.App (pom.xml maven-shade-plugin)",
    ],
  ],
  [
    "takes the Maven wrapper, Spring Boot and failsafe",
    {
      "pom.xml":
        '<?xml version="1.0"?><project xmlns="a"><parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>3.3.0</version><relativePath/></parent><artifactId>demo</artifactId><properties><java.version>17</java.version></properties><build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin><plugin><artifactId>maven-failsafe-plugin</artifactId></plugin></plugins></build></project>',
      mvnw: "",
      ".mvn/wrapper/maven-wrapper.properties": "",
      "src/test/java/A.java": "",
    },
    [
      "java in .",
      "  maven (pom.xml), 17 (pom.xml java.version), maven:3-eclipse-temurin-17",
      "  unit: sh ./mvnw --batch-mode --no-transfer-progress test (src/test/java/A.java)",
      "  integration: sh ./mvnw --batch-mode --no-transfer-progress verify (pom.xml maven-failsafe-plugin)",
    ],
  ],
  [
    "follows properties to the parent, and gives what the root checks to the root",
    {
      "pom.xml":
        "<project><artifactId>top</artifactId><packaging>pom</packaging><properties><java.version>11</java.version><maven.compiler.source>${java.version}</maven.compiler.source></properties><modules><module>core</module><module>app</module></modules><build><plugins><plugin><artifactId>spotless-maven-plugin</artifactId><executions><execution><goals><goal>check</goal></goals></execution></executions></plugin></plugins></build></project>",
      "core/pom.xml": "<project><parent><artifactId>top</artifactId></parent><artifactId>core</artifactId></project>",
      "app/pom.xml":
        "<project><parent><artifactId>top</artifactId></parent><artifactId>app</artifactId><properties><exec.mainClass>a.B</exec.mainClass></properties></project>",
      "app/src/test/java/T.java": "",
    },
    [
      "java in .",
      "  maven (pom.xml), 11 (pom.xml java.version), maven:3-eclipse-temurin-11",
      "  lint: mvn --batch-mode --no-transfer-progress spotless:check@default (pom.xml spotless-maven-plugin)",
      "  unit: mvn --batch-mode --no-transfer-progress test (app/src/test/java/T.java)",
      "java in app of .",
      "  maven (app/pom.xml), 11 (pom.xml java.version), maven:3-eclipse-temurin-11",
      "  main: a.B (app/pom.xml exec.mainClass)",
      "java in core of .",
      "  maven (core/pom.xml), 11 (pom.xml java.version), maven:3-eclipse-temurin-11",
    ],
  ],
  [
    "reads 1.8 as 8",
    {
      "pom.xml":
        "<project><artifactId>old</artifactId><properties><maven.compiler.source>1.8</maven.compiler.source></properties></project>",
    },
    ["java in .", "  maven (pom.xml), 8 (pom.xml maven.compiler.source), maven:3-eclipse-temurin-8"],
  ],
  [
    "takes the next long-term release for one that is none",
    {
      "pom.xml":
        "<project><artifactId>old</artifactId><properties><java.version>16</java.version></properties></project>",
    },
    ["java in .", "  maven (pom.xml), 16 (pom.xml java.version), maven:3-eclipse-temurin-17"],
  ],
  [
    "says where pom.xml is not XML",
    { "pom.xml": "<project><a></project>" },
    ["pom.xml cannot be read as XML: line 1: expected </a>", "  where: pom.xml", "  to do: repair pom.xml"],
  ],
  [
    "takes the Gradle wrapper and the toolchain",
    {
      "build.gradle.kts":
        'plugins { java; id("org.springframework.boot") version "3.3.0"; id("com.diffplug.spotless") version "6" }\njava { toolchain { languageVersion = JavaLanguageVersion.of(21) } }\n',
      "settings.gradle.kts": 'rootProject.name = "demo"',
      gradlew: "",
      "gradle/wrapper/gradle-wrapper.properties": "",
      "src/test/java/A.java": "",
    },
    [
      "java in .",
      "  gradle (build.gradle.kts), 21 (build.gradle.kts), maven:3-eclipse-temurin-21",
      "  lint: sh ./gradlew --no-daemon --console=plain spotlessCheck (build.gradle.kts)",
      "  unit: sh ./gradlew --no-daemon --console=plain test (src/test/java/A.java)",
    ],
  ],
  [
    "reads a build script in Groovy",
    {
      "build.gradle":
        "plugins {\n id 'application'\n id 'checkstyle'\n}\nsourceCompatibility = '17'\napplication {\n mainClass = 'a.Main'\n}\ntask integrationTest(type: Test) {}\n",
      gradlew: "",
      "gradle/wrapper/gradle-wrapper.properties": "",
    },
    [
      "java in .",
      "  gradle (build.gradle), 17 (build.gradle), maven:3-eclipse-temurin-17",
      "  lint: sh ./gradlew --no-daemon --console=plain checkstyleMain (build.gradle)",
      "  integration: sh ./gradlew --no-daemon --console=plain integrationTest (build.gradle)",
      "  main: a.Main (build.gradle)",
    ],
  ],
  [
    "asks for the wrapper of Gradle",
    { "build.gradle": "plugins { id 'java' }" },
    [
      "build.gradle is a Gradle build without its wrapper, so no version of Gradle is named",
      "  where: the top",
      "  to do: run `gradle wrapper` and commit gradlew and gradle/wrapper",
    ],
  ],
  [
    "takes Maven and says so when Gradle is there as well",
    { "pom.xml": "<project/>", "build.gradle": "", mvnw: "" },
    [
      "java in .",
      "  maven (pom.xml), 21 (the usual long-term release), maven:3-eclipse-temurin-21",
      '  remark: pom.xml and build.gradle both exist: Maven counts; `projects: { ".": { manager: gradle } }` takes the other',
    ],
  ],
  [
    "takes the projects of settings.gradle",
    {
      "settings.gradle": "include 'app'\n",
      gradlew: "",
      "gradle/wrapper/gradle-wrapper.properties": "",
      "app/build.gradle": "plugins { id 'application' }",
      "app/src/test/java/T.java": "",
    },
    [
      "java in .",
      "  gradle (settings.gradle), 21 (the usual long-term release), maven:3-eclipse-temurin-21",
      "  unit: sh ./gradlew --no-daemon --console=plain test (app/src/test/java/T.java)",
      "java in app of .",
      "  gradle (app/build.gradle), 21 (the usual long-term release), maven:3-eclipse-temurin-21",
    ],
  ],
  [
    "reads .sdkmanrc",
    { "pom.xml": "<project><artifactId>a</artifactId></project>", ".sdkmanrc": "java=17.0.9-tem\n" },
    ["java in .", "  maven (pom.xml), 17 (.sdkmanrc), maven:3-eclipse-temurin-17"],
  ],
  [
    "asks when the version file is older than what is compiled for",
    {
      "pom.xml":
        "<project><artifactId>a</artifactId><properties><java.version>21</java.version></properties></project>",
      ".java-version": "17",
    },
    [
      ".java-version says Java 17, but pom.xml java.version compiles for Java 21",
      "  where: .java-version, pom.xml java.version",
      "  to do: make them agree",
    ],
  ],
  [
    "takes no Dockerfile that packs what the build has to make first, of any module",
    {
      "pom.xml": "<project><artifactId>shop</artifactId><modules><module>api</module></modules></project>",
      "src/main/docker/Dockerfile": "FROM a\nCOPY maven/ /\nEXPOSE 9000\n",
      "api/pom.xml": "<project><artifactId>api</artifactId></project>",
      "api/src/main/docker/Dockerfile.jvm": "FROM a\nCOPY target/quarkus-app/ /\nEXPOSE 8080\n",
      "api/src/main/docker/Dockerfile.native": "FROM a\nCOPY target/*-runner /\nEXPOSE 8080\n",
    },
    [
      "java in .",
      "  maven (pom.xml), 21 (the usual long-term release), maven:3-eclipse-temurin-21",
      "  remark: src/main/docker/Dockerfile: not used, for maven has to build before what it packs; `call build` makes the image without it",
      "java in api of .",
      "  maven (api/pom.xml), 21 (the usual long-term release), maven:3-eclipse-temurin-21",
      "  remark: api/src/main/docker/Dockerfile.jvm, api/src/main/docker/Dockerfile.native: not used, for maven has to build before what it packs; `call build` makes the image without it",
    ],
  ],
  [
    "takes such a Dockerfile where there is no Java around it",
    { "src/main/docker/Dockerfile": "FROM a\nEXPOSE 9000\n" },
    [
      "dockerfile in src/main/docker",
      "  dockerfile (src/main/docker/Dockerfile), 1 (src/main/docker/Dockerfile), a",
      "  main: Dockerfile (src/main/docker/Dockerfile)",
      "  port: 9000 (src/main/docker/Dockerfile EXPOSE)",
    ],
  ],
];

/** Plugins of a pom.xml and other files, and what of it is run or remarked. */
const plugin = (name: string, executions = "") =>
  `<plugin><artifactId>${name}</artifactId><executions>${executions}</executions></plugin>`;
const execution = (goal: string, more = "") => `<execution>${more}<goals><goal>${goal}</goal></goals></execution>`;
const linters: readonly (readonly [string, string, Shape, readonly string[]])[] = [
  [
    "is run by the execution whose configuration counts",
    plugin("maven-checkstyle-plugin", execution("check", "<id>validate</id><phase>validate</phase>")),
    {},
    ["  lint: mvn --batch-mode --no-transfer-progress checkstyle:check@validate (pom.xml maven-checkstyle-plugin)"],
  ],
  [
    "is run once for each execution",
    plugin("maven-checkstyle-plugin", execution("check", "<id>a</id>") + execution("check", "<id>b</id>")),
    {},
    [
      "  lint: mvn --batch-mode --no-transfer-progress checkstyle:check@a (pom.xml maven-checkstyle-plugin)",
      "  lint: mvn --batch-mode --no-transfer-progress checkstyle:check@b (pom.xml maven-checkstyle-plugin)",
    ],
  ],
  [
    "that only mends is not run",
    plugin("spotless-maven-plugin", execution("apply")),
    {},
    [
      "  remark: pom.xml spotless-maven-plugin exists, but nothing runs its check: `checks: { lint: mvn spotless:check }` does",
    ],
  ],
  [
    "that is only there is not run",
    plugin("fmt-maven-plugin"),
    {},
    [
      "  remark: pom.xml fmt-maven-plugin exists, but nothing runs its check: `checks: { lint: mvn com.spotify.fmt:fmt-maven-plugin:check }` does",
    ],
  ],
  [
    "that is switched off is not run",
    plugin("maven-checkstyle-plugin", execution("check", "<phase>none</phase>")),
    {},
    [
      "  remark: pom.xml maven-checkstyle-plugin exists, but nothing runs its check: `checks: { lint: mvn checkstyle:check }` does",
    ],
  ],
  [
    "that people run in CI is run",
    plugin("spotless-maven-plugin"),
    { ".github/workflows/ci.yml": "jobs:\n  a:\n    steps:\n      - run: ./mvnw -B spotless:check\n" },
    ["  lint: mvn --batch-mode --no-transfer-progress spotless:check (.github/workflows/ci.yml)"],
  ],
  [
    "that validates the form is run where the build does",
    plugin("spring-javaformat-maven-plugin", execution("validate", "<phase>validate</phase>")),
    {},
    [
      "  lint: mvn --batch-mode --no-transfer-progress io.spring.javaformat:spring-javaformat-maven-plugin:validate@default (pom.xml spring-javaformat-maven-plugin)",
    ],
  ],
];

for (const [name, plugins, files, said] of linters)
  java(`a linter of Maven ${name}`, () => {
    const pom = `<project><artifactId>a</artifactId><build><plugins>${plugins}</plugins></build></project>`;
    const lines = tellAll({ "pom.xml": pom, ...files }).filter((line) => /^ {2}(?:lint|remark): /.test(line));
    assert.equal(lines, said);
  });

java("runs no linter of Gradle that is kept out of its checks", () => {
  const script = 'plugins { id "java"\n id "com.diffplug.spotless" version "7" }\nspotless { enforceCheck false }\n';
  const files = { "build.gradle": script, gradlew: "", "gradle/wrapper/gradle-wrapper.properties": "" };
  assert.equal(
    tellAll(files).filter((line) => line.startsWith("  lint")),
    [],
  );
});

for (const [name, shape, said] of cases) java(name, () => assert.equal(tellAll(shape), said));

java.run();
