export { whyNot } from "../../integration/module/probe.ts";
