import { suite } from "uvu";
import * as assert from "uvu/assert";
import { queryRecipe, runInRecipe } from "../../support/recipe-image.ts";

const golang = suite("Go images by recipe");

const PROGRAM = `mkdir /tmp/made && cd /tmp/made
cat > main.go <<'END'
package main

// int answer(void) { return 42; }
import "C"

import (
  "fmt"

  "rsc.io/quote/v4"
)

func main() { fmt.Println(C.answer(), quote.Go()) }
END
go mod init made.example/made 2> /dev/null
go get rsc.io/quote/v4@v4.0.1 2> /dev/null
go vet . && go install . && made`;

for (const [address, version] of [
  ["golang:1.21", "1.21.13"],
  ["golang:1.22", "1.22.12"],
  ["golang:1.23", "1.23.12"],
  ["golang:1.24-bookworm", "1.24.13"],
  ["golang:1.25-bookworm", "1.25.14"],
  ["golang:1.27-bookworm", "1.27.4"],
] as const) {
  golang(`${address} is Go ${version} and compiles`, async () => {
    const said = await runInRecipe(
      address,
      `go version; cd /tmp; printf 'package main\\nfunc main() { println(42) }' > main.go; go run main.go 2>&1; gofmt -l main.go`,
    );
    assert.is(said, `go version go${version} linux/amd64\n42\nmain.go\n`);
  });
}

for (const [address, release] of [
  ["golang:1.26-bookworm", "bookworm"],
  ["golang:1.26", "trixie"],
] as const) {
  golang(`${address} builds a program with a module and C code, and installs it on the PATH`, async () => {
    const said = await runInRecipe(address, `. /etc/os-release; echo "$VERSION_CODENAME"; go version; ${PROGRAM}`);
    assert.equal(said.split("\n"), [
      release,
      "go version go1.26.11 linux/amd64",
      "42 Don't communicate by sharing memory, share memory by communicating.",
      "",
    ]);
  });
}

golang("the image says what the official one says", async () => {
  const fields = "defaultArgs entrypoint user workdir envVariables { name value }";
  assert.equal(await queryRecipe("golang:1.26-bookworm", fields), {
    defaultArgs: ["bash"],
    entrypoint: [],
    user: "",
    workdir: "/go",
    envVariables: [
      {
        name: "PATH",
        value: "/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      },
      { name: "GOLANG_VERSION", value: "1.26.11" },
      { name: "GOTOOLCHAIN", value: "local" },
      { name: "GOPATH", value: "/go" },
    ],
  });
});

golang.run();
