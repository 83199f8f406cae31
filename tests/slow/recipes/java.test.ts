import { suite } from "uvu";
import * as assert from "uvu/assert";
import { queryRecipe, runInRecipe } from "../../support/recipe-image.ts";

const java = suite("Java images by recipe");

const TRUSTING = "USE_SYSTEM_CA_CERTS=1 /__cacert_entrypoint.sh";
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>made.example</groupId><artifactId>made</artifactId><version>1</version>
<properties><maven.compiler.release>17</maven.compiler.release><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
<dependencies><dependency><groupId>org.apache.commons</groupId><artifactId>commons-lang3</artifactId><version>3.17.0</version></dependency></dependencies>
</project>`;

for (const [address, version, release] of [
  ["maven:3-eclipse-temurin-17", "17", "bookworm"],
  ["maven:3.9-eclipse-temurin-21", "21", "trixie"],
] as const) {
  java(`${address} builds a program with what it downloads, and Java ${version} runs it`, async () => {
    const said = await runInRecipe(
      address,
      `. /etc/os-release; echo "$VERSION_CODENAME"
/usr/local/bin/mvn-entrypoint.sh mvn -version | sed -n 's/^\\(Apache Maven [^ ]*\\).*/\\1/p; s/^Java version: \\([0-9]*\\).*runtime: \\(.*\\)/\\1 \\2/p'
mkdir -p /tmp/made/src/main/java && cd /tmp/made
cat > pom.xml <<'END'
${POM}
END
cat > src/main/java/Made.java <<'END'
public class Made {
  record Answer(int value) {}
  public static void main(String[] words) {
    System.out.println(org.apache.commons.lang3.StringUtils.reverse("24") + " " + new Answer(42).value() + " größer");
  }
}
END
${TRUSTING} mvn --quiet --batch-mode package dependency:copy-dependencies 2> /tmp/said || { cat /tmp/said; exit 1; }
java -cp 'target/made-1.jar:target/dependency/*' Made`,
    );
    assert.equal(said.split("\n"), [
      release,
      "Apache Maven 3.9.16",
      `${version} /usr/lib/jvm/java-${version}-openjdk-amd64`,
      "42 42 größer",
      "",
    ]);
  });
}

for (const version of ["17", "21", "25"]) {
  java(`eclipse-temurin:${version}-jre runs a program, and has no compiler`, async () => {
    const said = await runInRecipe(
      `eclipse-temurin:${version}-jre`,
      `java -XshowSettings:properties -version 2>&1 | sed -n 's/.*java.specification.version = //p; s/.*file.encoding = //p'
test -x "$JAVA_HOME/bin/java" && ! command -v javac && echo none`,
    );
    assert.equal(said.trim().split("\n").sort(), [version, "UTF-8", "none"].sort());
  });
}

java("the images say what the official ones say", async () => {
  const fields = "defaultArgs entrypoint user workdir envVariables { name value }";
  const envVariables = [
    { name: "PATH", value: "/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
    { name: "JAVA_HOME", value: "/opt/java/openjdk" },
    { name: "LANG", value: "en_US.UTF-8" },
    { name: "LANGUAGE", value: "en_US:en" },
    { name: "LC_ALL", value: "en_US.UTF-8" },
  ];
  const said = { user: "", workdir: "" };
  assert.equal(await queryRecipe("eclipse-temurin:21", fields), {
    ...said,
    defaultArgs: ["jshell"],
    entrypoint: ["/__cacert_entrypoint.sh"],
    envVariables,
  });
  assert.equal(await queryRecipe("maven:3-eclipse-temurin-21", fields), {
    ...said,
    defaultArgs: ["mvn"],
    entrypoint: ["/usr/local/bin/mvn-entrypoint.sh"],
    envVariables: [
      ...envVariables,
      { name: "MAVEN_HOME", value: "/usr/share/maven" },
      { name: "MAVEN_CONFIG", value: "/root/.m2" },
    ],
  });
});

java.run();
