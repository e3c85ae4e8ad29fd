import { CfnOutput } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { SigningEnv } from '../../lambdas/delivery/signing-config.ts';
import { EnvironmentStack } from '../environment-stack.ts';

/**
 * The keys that cookies for private videos are signed with: public halves from the environment's config, the private half of the first in a
 * secret that a person fills after the deploy (docs/decisions/0018-delivery.md).
 */
export class SigningKeys extends Construct {
  readonly keyGroup: cloudfront.KeyGroup;
  readonly #secret: secretsmanager.CfnSecret;
  readonly #signing: cloudfront.PublicKey;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    const { signingKeys } = stack.environmentConfig.delivery;
    const keys = signingKeys.map(
      ({ name, publicKeyPem }) =>
        // CloudFront changes no key in place: another key needs another name.
        new cloudfront.PublicKey(this, `Key-${name}`, { publicKeyName: stack.nameOf(name), encodedKey: publicKeyPem }),
    );
    const [signing] = keys;
    if (signing === undefined) throw new Error('delivery.signingKeys is empty; expected one key or more (config/environment.ts)');
    this.#signing = signing;
    this.keyGroup = new cloudfront.KeyGroup(this, 'KeyGroup', { keyGroupName: stack.nameOf('private-videos'), items: keys });
    // Without a value: the construct with its own defaults would generate a password.
    this.#secret = new secretsmanager.CfnSecret(this, 'PrivateKey', {
      name: stack.nameOf('signing-key'),
      description: `Private half (PEM) of the signing key ${signingKeys[0]?.name}; put by a person`,
    });
    new CfnOutput(stack, 'SigningSecretArn', { value: this.#secret.ref });
    new CfnOutput(stack, 'SigningKeyPairId', { value: signing.publicKeyId });
  }

  /** What a function that signs is given. */
  get environment(): SigningEnv {
    return { SIGNING_KEY_PAIR_ID: this.#signing.publicKeyId, SIGNING_SECRET_ARN: this.#secret.ref };
  }

  grantSign(grantee: iam.IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [this.#secret.ref] }),
    );
  }
}
