import { App } from 'aws-cdk-lib';
import { readEnvironment } from '../config/index.ts';
import { composeStacks } from '../lib/compose-stacks.ts';

const app = new App();
composeStacks(app, readEnvironment(app.node.tryGetContext('env')));
app.synth();
