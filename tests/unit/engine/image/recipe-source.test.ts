import { suite } from "uvu";
import * as assert from "uvu/assert";
import { locateArtifact } from "../../../../engine/src/image/recipe-source.ts";

const source = suite("where the files of recipes lie");

const MIRROR = `<settings><!-- <mirror><url>https://old.example</url><mirrorOf>*</mirrorOf></mirror> -->
<mirrors><mirror><url>https://other.example</url><mirrorOf>jboss</mirrorOf></mirror>
<mirror><url> https://maven.example/all/ </url><mirrorOf>jboss, central</mirrorOf></mirror></mirrors></settings>`;

for (const [from, settings, url] of [
  ["maven:org.example.a:tool:1.2@jar", {}, "https://repo.maven.apache.org/maven2/org/example/a/tool/1.2/tool-1.2.jar"],
  [
    "maven:org.example:tool:1.2-3:linux-x86_64@tar.gz",
    { mavenSettings: MIRROR },
    "https://maven.example/all/org/example/tool/1.2-3/tool-1.2-3-linux-x86_64.tar.gz",
  ],
  ["go:go.example/a/b@v0.0.1-go1.2.linux", {}, "https://proxy.golang.org/go.example/a/b/@v/v0.0.1-go1.2.linux.zip"],
  ["go:go.example/a@v1.0.0", { goProxy: "" }, "https://proxy.golang.org/go.example/a/@v/v1.0.0.zip"],
  [
    "go:go.example/a@v1.0.0",
    { goProxy: "direct,https://one.example/go/|https://two.example" },
    "https://one.example/go/go.example/a/@v/v1.0.0.zip",
  ],
] as const) {
  source(`${from} with ${JSON.stringify(settings).slice(0, 60)} is ${url}`, () => {
    assert.is(locateArtifact(from, { mavenSettings: "", goProxy: undefined, ...settings }), url);
  });
}

source("a GOPROXY without an address is refused", () => {
  assert.throws(
    () => locateArtifact("go:go.example/a@v1.0.0", { mavenSettings: "", goProxy: "off" }),
    (error: Error) =>
      error.message === 'GOPROXY is "off", which names no address\n  to do: set it to the address of a module proxy',
  );
});

source.run();
