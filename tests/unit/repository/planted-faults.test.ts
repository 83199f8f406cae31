import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FAULTS } from "../../mutation/faults.ts";

const planted = suite("planted faults");

planted("are about text that their file holds, once", () => {
  const lost = FAULTS.filter(
    ({ file, from }) => readFileSync(join("ci/src/rollout", file), "utf8").split(from).length !== 2,
  );
  assert.equal(
    lost.map(({ file, name }) => `${file}: ${name}`),
    [],
  );
});

planted.run();
