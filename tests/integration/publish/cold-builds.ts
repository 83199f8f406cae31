/**
 * Builds one service twice, from the installing of packages on, and prints both digests. For `slipway run`.
 *
 *     cold-builds.ts FOLDER SERVICE
 */
import { connection, dag } from "@dagger.io/dagger";
import { readConfig } from "../../../ci/src/config/schema.ts";
import { buildService, measureImage } from "../../../ci/src/service-images/service-image.ts";

const [folder = "", service = ""] = process.argv.slice(2);

await connection(async () => {
  const repository = dag.host().directory(folder, { exclude: [".git", "ci"] });
  const config = readConfig(await repository.file("slipway.yaml").contents());
  const build = async (attempt: string) => {
    // A file that the build does not read, so that each of its steps is another one to the engine.
    const packages = repository.withNewFile("attempt", `${attempt} ${process.hrtime.bigint()}`);
    return await measureImage(await buildService({ packages, source: repository }, config, service));
  };
  for (const attempt of ["first", "second"]) console.log((await build(attempt)).digest);
});
