import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeFiles } from "../../support/write-files.ts";

/** Rings whose manifests are a chart, put together by Helm itself. */
const helm = suite("the manifests of a chart");
const LIMIT_MS = 240_000;
const folder = mkdtempSync(join(tmpdir(), "slipway-chart-"));

/** With a subchart, a hook, a test, a custom resource, files of values; its objects name no namespace but for one. */
const CHART: Readonly<Record<string, string>> = {
  "deploy/canary.yaml": "replicas: 3\nhooked: true\ncache: { size: 7 }\n",
  "deploy/web/Chart.yaml":
    'apiVersion: v2\nname: web\nversion: 0.1.0\nappVersion: "1.0"\ndependencies:\n  - { name: cache, version: 0.1.0, condition: cache.enabled }\n',
  "deploy/web/charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 0.1.0\n",
  "deploy/web/charts/cache/templates/map.yaml":
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: cache }\ndata: { size: "{{ .Values.size }}" }\n',
  "deploy/web/charts/cache/values.yaml": "size: 1\n",
  "deploy/web/crds/crd.yaml":
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: things.example.com }\nspec:\n  group: example.com\n  scope: Namespaced\n  names: { kind: Thing, plural: things }\n  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]\n",
  "deploy/web/templates/_helpers.tpl":
    '{{- define "web.labels" -}}\napp.kubernetes.io/name: {{ .Chart.Name }}\napp.kubernetes.io/instance: {{ .Release.Name }}\n{{- end }}\n',
  "deploy/web/templates/deployment.yaml":
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: {{ .Release.Namespace }}\n  labels: {{- include "web.labels" . | nindent 4 }}\nspec:\n  replicas: {{ .Values.replicas }}\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n    spec:\n      containers:\n        - name: web\n          image: {{ .Values.image | quote }}\n          ports: [{ containerPort: 8080 }]\n          readinessProbe: { httpGet: { path: /, port: 8080 } }\n---\napiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec:\n  selector: { app: web }\n  ports: [{ port: 80, targetPort: 8080 }]\n',
  "deploy/web/templates/hook.yaml":
    '{{- if .Values.hooked }}\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  annotations: { "helm.sh/hook": pre-install }\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{ name: before, image: "busybox:1" }]\n{{- end }}\n',
  "deploy/web/templates/tests/try.yaml":
    'apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: try\n  annotations: { "helm.sh/hook": test }\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{ name: try, image: "busybox:1" }]\n',
  "deploy/web/values.yaml":
    "replicas: 1\nimage: ghcr.io/x/web@sha256:0000000000000000000000000000000000000000000000000000000000000000\ncache: { enabled: true }\n",
  "slipway.yaml":
    'services:\n  web: { port: 8080, build: { image: "ghcr.io/x/web:1" } }\nrings:\n  canary:\n    namespace: web-canary\n    manifests: { path: deploy/web, values: [deploy/canary.yaml] }\n',
};

helm.before(async () => {
  await execa("git", ["init", "--quiet"], { cwd: folder });
  writeFiles(folder, CHART);
});
helm.after(() => rmSync(folder, { recursive: true, force: true }));

async function manifests(): Promise<{ code: number; said: string }> {
  const { exitCode, stdout, stderr } = await runSlipway(folder, ["call", "manifests"], { limitMs: LIMIT_MS });
  return { code: exitCode, said: `${stderr}\n${stdout}` };
}

helm("has its subcharts and hooks in the ring's namespace, not its tests nor what is the whole cluster's", async () => {
  const { code, said } = await manifests();
  assert.is(code, 0, said);
  // The Deployment, the Service, the hook's Job, which only the ring's values ask for, and the subchart's ConfigMap.
  assert.match(said, /^canary +4 /m);
  assert.match(said, /^1 ring, 4 objects, /m);
  assert.match(said, /Job before in canary/);
  assert.not.match(said, /names no namespace|Job try|CustomResourceDefinition/);
});

helm("keeps the namespace that an object names, which is not the ring's", async () => {
  writeFiles(folder, {
    "deploy/web/templates/more.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: there, namespace: elsewhere }\n",
  });
  const { code, said } = await manifests();
  assert.is(code, 1);
  assert.match(said, /ConfigMap there.*namespace elsewhere/);
});

helm("that cannot be put together is told in Helm's own words", async () => {
  writeFiles(folder, { "deploy/web/templates/more.yaml": "{{ .Values.none.deep }}\n" });
  const { code, said } = await manifests();
  assert.is(code, 1);
  assert.match(said, /Error: template: web\/templates\/more\.yaml:1:.*nil pointer evaluating interface \{\}\.deep/);
});

helm.run();
