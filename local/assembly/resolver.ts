import { UnsupportedTemplateError } from './errors.ts';
import { identify } from './resource-types.ts';
import type { Placement, Resource, Stack, TemplateResource } from './template.ts';

/** Resolves the intrinsic functions of templates. What is not listed in `#call` is refused by name. */
export class Resolver {
  readonly #stacks: readonly Stack[];
  readonly #placement: Placement;
  readonly #resolved = new Map<string, Resource>();
  readonly #resolving = new Set<string>();

  constructor(stacks: readonly Stack[], placement: Placement) {
    this.#stacks = stacks;
    this.#placement = placement;
  }

  resources(): readonly Resource[] {
    return this.#stacks.flatMap((stack) => {
      const declared = Object.entries(stack.template.Resources ?? {});
      return declared.filter(([, { Condition }]) => this.#holds(stack, Condition)).map(([logicalId]) => this.#resource(stack, logicalId));
    });
  }

  outputs(): Readonly<Record<string, string>> {
    const outputs = new Map<string, string>();
    for (const stack of this.#stacks) {
      for (const [name, { Value }] of Object.entries(stack.template.Outputs ?? {})) {
        if (outputs.has(name))
          throw new UnsupportedTemplateError(`${stack.name} has an output "${name}", as another stack has; give it another name`);
        outputs.set(name, String(this.#value(stack, Value)));
      }
    }
    return Object.fromEntries(outputs);
  }

  #resource(stack: Stack, logicalId: string): Resource {
    const path = `${stack.name}/${logicalId}`;
    const known = this.#resolved.get(path);
    if (known !== undefined) return known;
    const declared = stack.template.Resources?.[logicalId];
    if (declared === undefined) throw new UnsupportedTemplateError(`${stack.name} refers to "${logicalId}", which it does not declare`);
    if (this.#resolving.has(path))
      throw new UnsupportedTemplateError(`${path} refers to itself through ${[...this.#resolving].join(' → ')}`);
    this.#resolving.add(path);
    const resource = this.#resolve(stack, logicalId, declared);
    this.#resolving.delete(path);
    this.#resolved.set(path, resource);
    return resource;
  }

  #resolve(stack: Stack, logicalId: string, { Type: type, Properties = {} }: TemplateResource): Resource {
    const properties = this.#value(stack, Properties) as Readonly<Record<string, unknown>>;
    return {
      stack: stack.name,
      logicalId,
      type,
      properties,
      ...identify({ stack: stack.name, logicalId, type, properties }, this.#placement),
    };
  }

  #value(stack: Stack, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#value(stack, item)).filter((item) => item !== NO_VALUE);
    if (typeof value !== 'object' || value === null) return value;
    const [[name = '', argument] = [], ...others] = Object.entries(value);
    if (others.length === 0 && name === 'Condition' && typeof argument === 'string') return this.#holds(stack, argument);
    if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) return this.#call(stack, name, argument);
    const entries = Object.entries(value).map(([key, member]) => [key, this.#value(stack, member)] as const);
    return Object.fromEntries(entries.filter(([, member]) => member !== NO_VALUE));
  }

  #call(stack: Stack, name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return this.#ref(stack, argument as string);
      case 'Fn::GetAtt':
        return this.#attribute(stack, argument as string | [string, string]);
      case 'Fn::Sub':
        return this.#substitute(stack, argument as string | [string, Record<string, unknown>]);
      case 'Fn::Join': {
        const [separator, parts] = argument as [string, unknown];
        return (this.#value(stack, parts) as unknown[]).join(separator);
      }
      case 'Fn::Select': {
        const [index, list] = this.#value(stack, argument) as [number | string, unknown[]];
        if (Number(index) in list) return list[Number(index)];
        throw new UnsupportedTemplateError(`${stack.name} takes item ${index} of a list of ${list.length} with Fn::Select`);
      }
      case 'Fn::Split': {
        const [separator, text] = this.#value(stack, argument) as [string, string];
        return text.split(separator);
      }
      case 'Fn::If': {
        const [condition, then, otherwise] = argument as [string, unknown, unknown];
        return this.#value(stack, this.#holds(stack, condition) ? then : otherwise);
      }
      case 'Fn::Equals': {
        const [left, right] = this.#value(stack, argument) as [unknown, unknown];
        return left === right;
      }
      case 'Fn::Not':
        return !(this.#value(stack, argument) as unknown[])[0];
      case 'Fn::ImportValue':
        return this.#import(String(this.#value(stack, argument)));
      default:
        throw new UnsupportedTemplateError(
          `${stack.name} uses ${name}, which the laptop stack does not resolve (local/assembly/resolver.ts)`,
        );
    }
  }

  #ref(stack: Stack, name: string): unknown {
    if (name === 'AWS::NoValue') return NO_VALUE;
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::AccountId': this.#placement.accountId,
      'AWS::Region': this.#placement.region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack.name,
      'AWS::StackId': `arn:aws:cloudformation:${this.#placement.region}:${this.#placement.accountId}:stack/${stack.name}/laptop`,
    };
    const value = pseudo[name] ?? stack.template.Parameters?.[name]?.Default;
    return value ?? this.#resource(stack, name).ref;
  }

  #attribute(stack: Stack, argument: string | [string, string]): string {
    const [logicalId = '', ...path] = typeof argument === 'string' ? argument.split('.') : argument;
    const resource = this.#resource(stack, logicalId);
    const value = resource.attributes[path.join('.')];
    if (value !== undefined) return value;
    throw new UnsupportedTemplateError(
      `${stack.name} reads ${path.join('.')} of "${logicalId}" (${resource.type}), which the laptop stack does not know (local/assembly/resource-types.ts)`,
    );
  }

  #substitute(stack: Stack, argument: string | [string, Record<string, unknown>]): string {
    const [text, variables] = typeof argument === 'string' ? [argument, {}] : argument;
    return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, escaped: string, name: string) => {
      if (escaped !== '') return `\${${name}}`;
      if (name in variables) return String(this.#value(stack, variables[name]));
      return String(name.includes('.') ? this.#attribute(stack, name) : this.#ref(stack, name));
    });
  }

  #holds(stack: Stack, condition: string | undefined): boolean {
    if (condition === undefined) return true;
    const declared = stack.template.Conditions?.[condition];
    if (declared === undefined)
      throw new UnsupportedTemplateError(`${stack.name} refers to the condition "${condition}", which it does not declare`);
    return this.#value(stack, declared) === true;
  }

  #import(name: string): string {
    for (const stack of this.#stacks) {
      for (const { Value, Export } of Object.values(stack.template.Outputs ?? {})) {
        if (Export !== undefined && this.#value(stack, Export.Name) === name) return String(this.#value(stack, Value));
      }
    }
    throw new UnsupportedTemplateError(`no stack of the assembly exports "${name}"`);
  }
}

/** What `AWS::NoValue` leaves behind: the member is as if it had not been written. */
const NO_VALUE = Symbol('AWS::NoValue');
