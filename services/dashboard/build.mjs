import { buildService } from "../build.mjs";
import { buildPage } from "./build-page.mjs";

await buildService({ SLIPWAY_PAGE: JSON.stringify(await buildPage()) });
