/** The parts of a CloudFormation template that are read here. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

/** One stack of the assembly, as synthesized. */
export interface Stack {
  readonly name: string;
  readonly template: Template;
  /** Files and folders of the assets, by the object key the templates know them by (`<hash>.zip`, `<hash>.json`). */
  readonly assets: ReadonlyMap<string, string>;
}

/** Where the stacks are supposed to be deployed: the pseudo parameters. */
export interface Placement {
  readonly region: string;
  readonly accountId: string;
}

/** A resource with its references resolved. */
export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** What `Ref` gives: a name, an id or an ARN, as the type has it. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>>;
}
