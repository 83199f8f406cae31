/**
 * Reads 100,000 spoilt texts of each kind, or as many as are asked for, and tells what came out:
 *
 *     npm run fuzz [-- TRIES [SEED]]
 */
import { fuzz, listSubjects } from "./configs.ts";

const [tries = "100000", seed = "1"] = process.argv.slice(2);
let failed = false;
for (const subject of listSubjects()) {
  const startMs = Date.now();
  const { taken, refused, faults } = fuzz(subject, Number(tries), Number(seed));
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1);
  console.log(`${subject.name}: ${taken} taken, ${refused} refused in words, ${faults.length} faults, ${seconds} s`);
  for (const fault of faults) console.log(`\n${fault}\n`);
  failed ||= faults.length > 0;
}
process.exitCode = failed ? 1 : 0;
