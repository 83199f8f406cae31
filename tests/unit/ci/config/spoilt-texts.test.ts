/** Four hundred spoilt texts of each kind, always the same ones. `npm run fuzz` reads far more. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fuzz, listSubjects } from "../../../fuzz/configs.ts";

const spoilt = suite("spoilt texts");

for (const subject of listSubjects()) {
  spoilt(`of ${subject.name} are read or refused in words`, () => {
    for (const text of subject.texts) subject.read(text);
    const { refused, faults } = fuzz(subject, 400, 1);
    assert.is(faults.join("\n\n"), "");
    assert.ok(refused > 200, `only ${refused} of 400 were refused`);
  });
}

spoilt.run();
