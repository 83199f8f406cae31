/** An engine with a running service and its network, which waits to be killed. Writes `busy` when everything runs. */
import { RunSandbox } from "./run-sandbox.ts";

const sandbox = new RunSandbox();
const lease = await sandbox.network.lease("service");
const container = await sandbox.runtime.startContainer(sandbox.spec(["sleep", "1000"], lease));
await sandbox.network.accepts(lease, 1);
console.log("busy");
await container.exit;
