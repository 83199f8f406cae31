/** Where a stranger's repository could lead what is written into it. */
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refuseLinksOut } from "../../../../../engine/src/module/author/links-out.ts";
import { writeFiles } from "../../../../support/write-files.ts";

const links = suite<{ dir: string; top: string }>("links in the repository of a module");

links.before.each((place) => {
  place.dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-links-")));
  place.top = join(place.dir, "repository");
  writeFiles(place.dir, {
    "repository/.git/HEAD": "",
    "repository/module/dagger.json": "{}",
    "repository/shared/package.json": "{}",
    "outside/file": "",
  });
});
links.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

links("may lead anywhere in it", ({ top }) => {
  symlinkSync("../shared", join(top, "module/sdk"));
  symlinkSync(join(top, "shared/package.json"), join(top, "module/package.json"));
  refuseLinksOut(join(top, "module"), ["sdk/index.ts", "package.json", "dagger.json", "new/folder/file"]);
});

links("are refused where they lead out of it or to nothing, each by its name", ({ dir, top }) => {
  symlinkSync(join(dir, "outside"), join(top, "module/sdk"));
  symlinkSync("../../outside/file", join(top, "module/tsconfig.json"));
  symlinkSync("nowhere", join(top, "module/LICENSE"));
  const out = (name: string) =>
    `${JSON.stringify(join(top, "module", name))} is a link that leads out of ${top}, or to nothing: nothing is written through it\n`;
  const paths = ["sdk/index.ts", "sdk/other.ts", "tsconfig.json", "LICENSE", "dagger.json"];
  assert.throws(
    () => refuseLinksOut(join(top, "module"), paths),
    (error: Error) =>
      error.message ===
      `${out("sdk")}${out("tsconfig.json")}${out("LICENSE")}  to do: put a file or a folder in the place of each link, then run this again`,
  );
});

links("do not matter where the module is not there yet", ({ dir }) => {
  refuseLinksOut(join(dir, "new/module"), ["dagger.json", "src/index.ts"]);
});

links.run();
