import { readFileSync } from 'node:fs';
import { describeApi } from './describe-api.ts';
import { OPENAPI_FILE } from './openapi-file.ts';

const answer = describeApi(readFileSync(new URL(OPENAPI_FILE, import.meta.url), 'utf8'));

export const handler = async () => answer;
