import { UserError } from '../errors.ts';
import type { FunctionSpec } from '../lambda/function-spec.ts';

/** The function with the agent beside it when its layers bring one. Layers with anything else in them have no stand-in. @throws {UserError} */
export function withAgent(spec: FunctionSpec, port: number): FunctionSpec {
  const { layers = [], name } = spec;
  const other = layers.find((layer) => !/:layer:AWS-AppConfig-Extension(-Arm64)?:\d+$/.test(layer));
  if (other !== undefined)
    throw new UserError(
      `the function ${name} has the layer ${other}, which has no stand-in; known: AWS-AppConfig-Extension (docs/parity.md)`,
    );
  if (layers.length === 0) return spec;
  return { ...spec, extensionEnvironment: { AWS_APPCONFIG_EXTENSION_HTTP_PORT: String(port) } };
}
