/**
 * Builds one service twice, from the installing of packages on, and prints both digests. For `slipway run` in a repository.
 *
 *     cold-builds.ts SERVICE
 */
import { connection, dag } from "@dagger.io/dagger";
import { openCheckout } from "../../../ci/src/checkout/checkout.ts";
import { buildService, measureImage } from "../../../ci/src/service-images/service-image.ts";

const [service = ""] = process.argv.slice(2);

await connection(async () => {
  const checkout = await openCheckout(dag.currentWorkspace());
  const build = async (attempt: string) => {
    // A file that the build does not read, so that each of its steps is another one to the engine.
    const text = `${attempt} ${process.hrtime.bigint()}`;
    const files: typeof checkout.files = (reads) => checkout.files(reads).withNewFile("attempt", text);
    return await measureImage(await buildService({ ...checkout, files }, service));
  };
  for (const attempt of ["first", "second"]) console.log((await build(attempt)).digest);
});
