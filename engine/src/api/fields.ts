import { addressFields } from "./address.ts";
import { cacheVolumeFields } from "./cache-volume.ts";
import { changesetFields } from "./changeset.ts";
import { containerFields } from "./container.ts";
import { containerExecFields } from "./container-exec.ts";
import { containerFileFields } from "./container-files.ts";
import { containerImageFields } from "./container-image.ts";
import { containerMountFields } from "./container-mounts.ts";
import { directoryFields } from "./directory.ts";
import { dockerBuildFields } from "./docker-build.ts";
import { dockerfileStepFields } from "./dockerfile-steps.ts";
import { localEngineFields } from "./engine.ts";
import { envFileFields } from "./env-file.ts";
import { environmentFields } from "./environment.ts";
import { errorFields } from "./error.ts";
import { fileFields } from "./file.ts";
import { functionDefFields } from "./function-def.ts";
import { generatedCodeFields } from "./generated-code.ts";
import { gitFields } from "./git.ts";
import type { Fields } from "./graph.ts";
import { hostFields } from "./host.ts";
import { httpFields } from "./http.ts";
import { jsonValueFields } from "./json-value.ts";
import { mergeFields } from "./merge-fields.ts";
import { queryFields } from "./query.ts";
import { replacedFields } from "./replaced.ts";
import { searchFields } from "./search.ts";
import { secretFields } from "./secret.ts";
import { serviceFields } from "./service.ts";
import { statFields } from "./stat.ts";
import { terminalFields } from "./terminal.ts";
import { typeDefFields } from "./type-def.ts";
import { workspaceFields } from "./workspace.ts";

/** All that is supported; a field that is not here is refused. */
export const fields: Fields = mergeFields(
  addressFields,
  cacheVolumeFields,
  changesetFields,
  containerFields,
  containerExecFields,
  containerFileFields,
  containerImageFields,
  containerMountFields,
  directoryFields,
  dockerBuildFields,
  dockerfileStepFields,
  localEngineFields,
  envFileFields,
  environmentFields,
  errorFields,
  fileFields,
  functionDefFields,
  generatedCodeFields,
  gitFields,
  hostFields,
  httpFields,
  jsonValueFields,
  queryFields(),
  replacedFields,
  searchFields,
  secretFields,
  serviceFields,
  statFields,
  terminalFields,
  typeDefFields,
  workspaceFields,
);
