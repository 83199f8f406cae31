import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hasFile, listFolder, outlineOf, pathIn, TOLD } from "../../../../ci/src/repository/outline.ts";

const outline = suite("outline of a repository");

outline("has the paths in order, the files without a text as well", () => {
  const { paths } = outlineOf({ "b/c.go": undefined, "go.mod": "module x\n", "b/a.go": undefined });
  assert.equal(paths, ["b/a.go", "b/c.go", "go.mod"]);
});

outline("tells an absent file from one whose text was not read", () => {
  const { text, told } = outlineOf({ "go.mod": "module x\n", "main.c": undefined });
  assert.equal([...told], ["go.mod"]);
  assert.is(text("go.mod"), "module x\n");
  assert.is(text("go.sum"), undefined);
  assert.throws(
    () => text("main.c"),
    (error: unknown) => error instanceof Error && error.message === "the text of main.c was not read",
  );
});

outline("lists what lies directly in a folder, each name once", () => {
  const found = outlineOf({ "go.mod": "", "cmd/a/main.go": "", "cmd/b/main.go": "", "cmd/b/x.go": "", cmdline: "" });
  assert.equal(listFolder(found, "."), ["cmd", "cmdline", "go.mod"]);
  assert.equal(listFolder(found, "cmd"), ["a", "b"]);
  assert.equal(listFolder(found, "nothing"), []);
});

outline("asks for files by their whole path, and joins no dot to a path", () => {
  const found = outlineOf({ "cmd/main.go": "" });
  assert.is(hasFile(found, "main.go"), false);
  assert.is(hasFile(found, pathIn("cmd", "main.go")), true);
  assert.is(pathIn(".", "main.go"), "main.go");
});

outline("takes along no lock file but by its name", () => {
  assert.equal(
    TOLD.filter((pattern) => /lock|node_modules/.test(pattern)),
    [],
  );
});

outline.run();
